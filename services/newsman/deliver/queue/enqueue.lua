-- Puts references into the queue of one subscription; moves its place on if it is live.
-- KEYS: entries, urgent, due, leases, failures, places
-- ARGV: partition, mode (live, catch-up, forced), expected place of a catch-up, most entries,
--       now in ms, then of each reference: key, revision, 1 if urgent, due in ms, offset, entry.
-- A place is `L<last offset queued>` while the subscription is live and `C<next offset>` while it
-- catches up; the end of a replay stands behind that, after a space. `forced` looks at no place,
-- and puts in again what is there already.
-- Answers {1, queued, entries that were replaced before they were sent ...},
--         {0, the first offset that did not fit, queued, replaced ...} or {-1, the place}.
-- What is urgent always fits.
local entries, urgent, due = KEYS[1], KEYS[2], KEYS[3]
local leases, failures, places = KEYS[4], KEYS[5], KEYS[6]
local partition, mode, most, now = ARGV[1], ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5])
local place = redis.call('HGET', places, partition) or ''
local last = -1
if mode == 'live' then
  if string.sub(place, 1, 1) ~= 'L' then return {-1, place} end
  last = tonumber(string.sub(place, 2))
elseif mode == 'catch-up' and place ~= ARGV[3] then
  return {-1, place}
end
local queued, replaced, full_at, seen = 0, {}, nil, last
local size = redis.call('HLEN', entries)
for i = 6, #ARGV, 6 do
  local key, revision, is_urgent = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2] == '1'
  local due_at, offset, entry = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), ARGV[i + 5]
  if offset > last then
    local old = redis.call('HGET', entries, key)
    local old_revision = old and tonumber(string.match(old, '^%[(%d+)')) or -1
    local has_room = is_urgent or mode == 'forced' or (not full_at and (old or size < most))
    if not has_room then
      full_at = full_at or offset
    elseif revision > old_revision or (mode == 'forced' and revision == old_revision) then
      local lease = redis.call('HGET', leases, key)
      local until_ms = lease and tonumber(string.match(lease, '^(%d+)')) or 0
      if old and revision > old_revision and until_ms <= now then
        replaced[#replaced + 1] = key
        replaced[#replaced + 1] = old
      end
      if not old then size = size + 1 end
      redis.call('HSET', entries, key, entry)
      redis.call('HDEL', failures, key)
      redis.call('ZREM', is_urgent and due or urgent, key)
      -- An older revision on its way just now must arrive before this one.
      redis.call('ZADD', is_urgent and urgent or due, math.max(due_at, until_ms), key)
      queued = queued + 1
    end
    seen = offset
  end
end
if mode == 'live' and full_at then
  -- From the first of these on, for who was told of those before it may not be noted yet.
  redis.call('HSET', places, partition, 'C' .. ARGV[10])
elseif mode == 'live' and seen > last then
  redis.call('HSET', places, partition, 'L' .. string.format('%d', seen))
end
if full_at then return {0, full_at, queued, unpack(replaced)} end
return {1, queued, unpack(replaced)}
