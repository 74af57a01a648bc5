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
local keys, results, was_ours, has_failed, is_fine = {}, {}, false, false, false
-- What is to be done to each key, all at once behind the loop: a call costs more than a row of it.
local ended, marked, lines, kept, gone = {}, {}, {}, {}, {}
for i = 7, #ARGV, 8 do keys[#keys + 1] = ARGV[i] end
local lease_of, entry_of, mark_of = {}, {}, {}
local found_leases = redis.call('HMGET', leases, unpack(keys))
local found_entries = redis.call('HMGET', entries, unpack(keys))
local found_marks = redis.call('HMGET', exchanges, unpack(keys))
for n, key in ipairs(keys) do
  lease_of[key], entry_of[key], mark_of[key] = found_leases[n], found_entries[n], found_marks[n]
end
for i = 7, #ARGV, 8 do
  local key, token, verdict, line = ARGV[i], ARGV[i + 1], ARGV[i + 3], ARGV[i + 5]
  local field, exchange = ARGV[i + 6], ARGV[i + 7]
  local lease, entry = lease_of[key], entry_of[key]
  local result = 1
  -- Nothing is written where the lease was lost: the queue may have ended meanwhile.
  if not lease or not entry or string.match(lease, ' (.*)$') ~= token then
    result = -1
  else
    was_ours = true
    lease_of[key] = nil
    ended[#ended + 1] = key
    if mark_of[key] then marked[#marked + 1] = key end
    if line ~= '' then lines[#lines + 1] = line end
    if exchange ~= '' and not mark_of[key] then
      kept[#kept + 1], kept[#kept + 2] = field, exchange
    end
    if verdict == 'done' then
      if not is_fine then redis.call('HDEL', state, 'streak', 'failing_since', 'pause', 'pause_until') end
      has_failed, is_fine = false, true
    elseif verdict == 'failed' or verdict == 'retry' then
      has_failed = redis.call('HINCRBY', state, 'streak', 1) >= tonumber(ARGV[4])
      redis.call('HSETNX', state, 'failing_since', now)
      is_fine = false
    end
    local is_replaced = string.match(entry, '^%[(%d+)') ~= ARGV[i + 2]
    if is_replaced or verdict == 'retry' or verdict == 'defer' then
      local set = redis.call('ZSCORE', urgent, key) and urgent or due
      redis.call('ZADD', set, is_replaced and now or ARGV[i + 4], key)
      if is_replaced then
        result = 0
      elseif verdict == 'retry' then
        redis.call('HINCRBY', failures, key, 1)
      end
    else
      gone[#gone + 1] = key
    end
  end
  results[#results + 1] = result
end
if #ended > 0 then redis.call('HDEL', leases, unpack(ended)) end
if #marked > 0 then redis.call('HDEL', exchanges, unpack(marked)) end
if #kept > 0 then redis.call('HSET', exchanges, unpack(kept)) end
if #gone > 0 then
  redis.call('HDEL', entries, unpack(gone))
  redis.call('HDEL', failures, unpack(gone))
  redis.call('ZREM', urgent, unpack(gone))
  redis.call('ZREM', due, unpack(gone))
end
if has_failed then
  local pause = tonumber(redis.call('HGET', state, 'pause') or 0) * 2
  pause = math.min(math.max(pause, tonumber(ARGV[5])), tonumber(ARGV[6]))
  redis.call('HSET', state, 'pause', pause, 'pause_until', string.format('%d', now + pause))
end
if was_ours and tonumber(ARGV[3]) > 0 then redis.call('HSET', state, 'hold_until', ARGV[3]) end
if #lines > 0 then
  redis.call('LPUSH', attempts, unpack(lines))
  local old = {}
  for _, line in ipairs(redis.call('LRANGE', attempts, most, -1)) do
    local field = cjson.decode(line).exchange
    if field then old[#old + 1] = field end
  end
  if #old > 0 then redis.call('HDEL', exchanges, unpack(old)) end
  redis.call('LTRIM', attempts, 0, most - 1)
end
local since = redis.call('HGET', state, 'failing_since') or '0'
return {earliest({urgent, due}), since, unpack(results)}
