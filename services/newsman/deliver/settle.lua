-- Notes one attempt in the log and does what follows from it.
-- KEYS: due, entries, revisions, attempts, leases, parked, log, hold, disabled
-- ARGV: article id, revision, delivered|retry|disable|park, now in ms, due again in ms,
--       attempts so far, log line, longest log, hold in ms, the subscriber's address
-- Answers 1, or 0 when a newer revision took this one's place meanwhile.
local due, entries, revisions, attempts = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local leases, parked, log, hold, disabled = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local article, verdict = ARGV[1], ARGV[3]
redis.call('LPUSH', log, ARGV[7])
redis.call('LTRIM', log, 0, tonumber(ARGV[8]) - 1)
redis.call('HDEL', leases, article)
if tonumber(ARGV[9]) > 0 then redis.call('SET', hold, '1', 'PX', ARGV[9]) end
if verdict == 'disable' then redis.call('SET', disabled, ARGV[10]) end
if redis.call('HEXISTS', entries, article) == 0 then return 1 end
if redis.call('HGET', revisions, article) ~= ARGV[2] then
  redis.call('ZADD', due, ARGV[4], article)
  return 0
end
if verdict == 'disable' then
  redis.call('ZADD', due, ARGV[4], article)
elseif verdict == 'retry' then
  redis.call('HSET', attempts, article, ARGV[6])
  redis.call('ZADD', due, ARGV[5], article)
else
  if verdict == 'park' then
    redis.call('HSET', parked, article, redis.call('HGET', entries, article))
  end
  redis.call('HDEL', entries, article)
  redis.call('HDEL', attempts, article)
  redis.call('ZREM', due, article)
end
return 1
