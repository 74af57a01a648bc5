-- Puts one run of a partition's events into the queue, together with the offset it ends at.
-- KEYS: due, entries, revisions, attempts, leases, parked, offsets
-- ARGV: partition, expected offset or '', next offset, now in ms,
--       then article id, revision and entry of each webhook.
-- Answers {queued, replaced, dropped}, or {-1} when the stored offset is another.
local due, entries, revisions, attempts = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local leases, parked, offsets = KEYS[5], KEYS[6], KEYS[7]
if (redis.call('HGET', offsets, ARGV[1]) or '') ~= ARGV[2] then return {-1} end
local now = tonumber(ARGV[4])
local queued, replaced, dropped = 0, 0, 0
for i = 5, #ARGV, 3 do
  local article, revision, entry = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local last = tonumber(redis.call('HGET', revisions, article) or 0)
  if tonumber(revision) <= last then
    dropped = dropped + 1
  else
    redis.call('HSET', revisions, article, revision)
    if redis.call('HSET', entries, article, entry) == 0 then replaced = replaced + 1 end
    redis.call('HDEL', attempts, article)
    redis.call('HDEL', parked, article)
    -- An older revision on its way just now must arrive before this one.
    local lease = tonumber(redis.call('HGET', leases, article) or 0)
    redis.call('ZADD', due, math.max(now, lease), article)
    queued = queued + 1
  end
end
redis.call('HSET', offsets, ARGV[1], ARGV[3])
return {queued, replaced, dropped}
