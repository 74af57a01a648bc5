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
local keys, entry_of, lease_of = {}, {}, {}
for i = 6, #ARGV, 6 do keys[#keys + 1] = ARGV[i] end
in_pieces(keys, function(piece)
  local found = redis.call('HMGET', entries, unpack(piece))
  local leased = redis.call('HMGET', leases, unpack(piece))
  for n, key in ipairs(piece) do entry_of[key], lease_of[key] = found[n], leased[n] end
end)
-- Of each key that is queued, in this order: whether it is urgent, and its score.
local put, urgent_of, score_of = {}, {}, {}
for i = 6, #ARGV, 6 do
  local key, revision, is_urgent = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2] == '1'
  local due_at, offset, entry = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), ARGV[i + 5]
  if offset > last then
    local old = entry_of[key]
    local old_revision = old and tonumber(string.match(old, '^%[(%d+)')) or -1
    local has_room = is_urgent or mode == 'forced' or (not full_at and (old or size < most))
    if not has_room then
      full_at = full_at or offset
    elseif revision > old_revision or (mode == 'forced' and revision == old_revision) then
      local lease = lease_of[key]
      local until_ms = lease and tonumber(string.match(lease, '^(%d+)')) or 0
      if old and revision > old_revision and until_ms <= now then
        replaced[#replaced + 1] = key
        replaced[#replaced + 1] = old
      end
      if not old then size = size + 1 end
      if not score_of[key] then put[#put + 1] = key end
      entry_of[key], urgent_of[key] = entry, is_urgent
      -- An older revision on its way just now must arrive before this one.
      score_of[key] = math.max(due_at, until_ms)
      queued = queued + 1
    end
    seen = offset
  end
end
in_pieces(put, function(piece)
  local pairs_of, scores = {}, {[urgent] = {}, [due] = {}}
  local moved = {[urgent] = {}, [due] = {}}
  for _, key in ipairs(piece) do
    local set, other = urgent_of[key] and urgent or due, urgent_of[key] and due or urgent
    pairs_of[#pairs_of + 1], pairs_of[#pairs_of + 2] = key, entry_of[key]
    scores[set][#scores[set] + 1], scores[set][#scores[set] + 2] = score_of[key], key
    moved[other][#moved[other] + 1] = key
  end
  redis.call('HSET', entries, unpack(pairs_of))
  redis.call('HDEL', failures, unpack(piece))
  for _, set in ipairs({urgent, due}) do
    if #moved[set] > 0 then redis.call('ZREM', set, unpack(moved[set])) end
    if #scores[set] > 0 then redis.call('ZADD', set, unpack(scores[set])) end
  end
end)
if mode == 'live' and full_at then
  -- From the first of these on, for who was told of those before it may not be noted yet.
  redis.call('HSET', places, partition, 'C' .. ARGV[10])
elseif mode == 'live' and seen > last then
  redis.call('HSET', places, partition, 'L' .. string.format('%d', seen))
end
if full_at then return {0, full_at, queued, unpack(replaced)} end
return {1, queued, unpack(replaced)}
