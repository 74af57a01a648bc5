-- Leases what is due of one subscription, so that nobody else sends it meanwhile.
-- KEYS: entries, urgent, due, leases, failures, state
-- ARGV: now in ms, end of the lease in ms, token, most under way at once, most to be taken now,
--       1 if nothing else may be under way, failures in a row from which on one goes at a time
-- Answers {when to ask again in ms or -1, then key, entry and failures of each that was taken}.
local entries, urgent, due = KEYS[1], KEYS[2], KEYS[3]
local leases, failures, state = KEYS[4], KEYS[5], KEYS[6]
local now, until_ms, most = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[4])
local holds = redis.call('HMGET', state, 'hold_until', 'pause_until')
local hold = math.max(tonumber(holds[1] or 0), tonumber(holds[2] or 0))
if hold > now then return {string.format('%d', hold)} end
local under_way = 0
local all = redis.call('HGETALL', leases)
for i = 1, #all, 2 do
  if tonumber(string.match(all[i + 1], '^(%d+)')) <= now then
    redis.call('HDEL', leases, all[i])
  else
    under_way = under_way + 1
  end
end
local is_failing = tonumber(redis.call('HGET', state, 'streak') or 0) >= tonumber(ARGV[7])
if is_failing and ARGV[6] ~= '1' then most = 1 end
local room = math.min(most - under_way, tonumber(ARGV[5]))
if ARGV[6] == '1' and under_way > 0 then room = 0 end
local taken = {until_ms}
for _, set in ipairs({urgent, due}) do
  if room > 0 then
    local keys = redis.call('ZRANGEBYSCORE', set, '-inf', now, 'LIMIT', 0, room)
    for _, key in ipairs(keys) do
      local entry = redis.call('HGET', entries, key)
      redis.call('ZADD', set, until_ms, key)
      redis.call('HSET', leases, key, until_ms .. ' ' .. ARGV[3])
      taken[#taken + 1] = key
      taken[#taken + 1] = entry
      taken[#taken + 1] = redis.call('HGET', failures, key) or '0'
      room = room - 1
    end
  end
end
if room > 0 then taken[1] = earliest({urgent, due}) end
return taken
