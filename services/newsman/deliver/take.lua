-- Leases what is due, so that nobody else sends it meanwhile; it stays in the queue.
-- KEYS: due, entries, attempts, leases, hold, disabled
-- ARGV: now in ms, end of the lease in ms, most entries, the subscriber's address
-- Answers entry and attempts so far, in turn.
local due, entries, attempts, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
if redis.call('EXISTS', KEYS[5]) == 1 then return {} end
if redis.call('GET', KEYS[6]) == ARGV[4] then return {} end
local taken = {}
local found = redis.call('ZRANGEBYSCORE', due, '-inf', ARGV[1], 'LIMIT', 0, tonumber(ARGV[3]))
for _, article in ipairs(found) do
  local entry = redis.call('HGET', entries, article)
  redis.call('ZADD', due, ARGV[2], article)
  redis.call('HSET', leases, article, ARGV[2])
  taken[#taken + 1] = entry
  taken[#taken + 1] = redis.call('HGET', attempts, article) or '0'
end
return taken
