-- Notes attempts at deliveries of one subscription and does what follows from each.
-- KEYS: entries, urgent, due, leases, failures, attempts, state, exchanges
-- ARGV: now in ms, most attempts kept, hold until in ms or 0, failures in a row from which on
--       the queue pauses, its first pause in ms, its longest, then of each delivery: key, token,
--       revision, verdict (done, failed, drop, retry, defer), due again in ms, line for the attempts or '',
--       field that its exchange is kept under, exchange or ''
-- Answers {earliest due in ms or -1, Unix ms since when everything has failed or 0, then of each:
-- 1, 0 when a newer revision took its place meanwhile, -1 when the lease had been lost}.
local entries, urgent, due = KEYS[1], KEYS[2], KEYS[3]
local leases, failures, attempts, state = KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local exchanges = KEYS[8]
local now, most = ARGV[1], tonumber(ARGV[2])
local results, was_ours, has_failed = {}, false, false
for i = 7, #ARGV, 8 do
  local key, token, verdict, line = ARGV[i], ARGV[i + 1], ARGV[i + 3], ARGV[i + 5]
  local field, exchange = ARGV[i + 6], ARGV[i + 7]
  local lease = redis.call('HGET', leases, key)
  local entry = redis.call('HGET', entries, key)
  local result = 1
  -- Nothing is written where the lease was lost: the queue may have ended meanwhile.
  if not lease or not entry or string.match(lease, ' (.*)$') ~= token then
    result = -1
  else
    was_ours = true
    redis.call('HDEL', leases, key)
    local was_taken_away = redis.call('HDEL', exchanges, key) == 1
    if line ~= '' then redis.call('LPUSH', attempts, line) end
    if exchange ~= '' and not was_taken_away then
      redis.call('HSET', exchanges, field, exchange)
    end
    if verdict == 'done' then
      redis.call('HDEL', state, 'streak', 'failing_since', 'pause', 'pause_until')
      has_failed = false
    elseif verdict == 'failed' or verdict == 'retry' then
      has_failed = redis.call('HINCRBY', state, 'streak', 1) >= tonumber(ARGV[4])
      redis.call('HSETNX', state, 'failing_since', now)
    end
    local set = redis.call('ZSCORE', urgent, key) and urgent or due
    if string.match(entry, '^%[(%d+)') ~= ARGV[i + 2] then
      redis.call('ZADD', set, now, key)
      result = 0
    elseif verdict == 'retry' or verdict == 'defer' then
      if verdict == 'retry' then redis.call('HINCRBY', failures, key, 1) end
      redis.call('ZADD', set, ARGV[i + 4], key)
    else
      redis.call('HDEL', entries, key)
      redis.call('HDEL', failures, key)
      redis.call('ZREM', set, key)
    end
  end
  results[#results + 1] = result
end
if has_failed then
  local pause = tonumber(redis.call('HGET', state, 'pause') or 0) * 2
  pause = math.min(math.max(pause, tonumber(ARGV[5])), tonumber(ARGV[6]))
  redis.call('HSET', state, 'pause', pause, 'pause_until', string.format('%d', now + pause))
end
if was_ours and tonumber(ARGV[3]) > 0 then redis.call('HSET', state, 'hold_until', ARGV[3]) end
for _, line in ipairs(redis.call('LRANGE', attempts, most, -1)) do
  local field = cjson.decode(line).exchange
  if field then redis.call('HDEL', exchanges, field) end
end
redis.call('LTRIM', attempts, 0, most - 1)
local since = redis.call('HGET', state, 'failing_since') or '0'
return {earliest({urgent, due}), since, unpack(results)}
