-- Leases what is due of one subscription, so that nobody else sends it meanwhile.
-- KEYS: entries, urgent, due, leases, failures, state
-- ARGV: now in ms, end of the lease in ms, token, most under way at once, most to be taken now,
--       1 if nothing else may be under way, failures in a row from which on one goes at a time,
--       then keys that are leased and no longer under way: the receiver has taken them
-- Answers {when to ask again in ms or -1, then key, entry and failures of each that was taken}.
local entries, urgent, due = KEYS[1], KEYS[2], KEYS[3]
local leases, failures, state = KEYS[4], KEYS[5], KEYS[6]
local now, until_ms, most = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[4])
local holds = redis.call('HMGET', state, 'hold_until', 'pause_until', 'streak')
local hold = math.max(tonumber(holds[1] or 0), tonumber(holds[2] or 0))
if hold > now then return {string.format('%d', hold)} end
local answered = {}
for i = 8, #ARGV do answered[ARGV[i]] = true end
local under_way, ended = 0, {}
local all = redis.call('HGETALL', leases)
for i = 1, #all, 2 do
  if tonumber(string.match(all[i + 1], '^(%d+)')) <= now then
    ended[#ended + 1] = all[i]
  elseif not answered[all[i]] then
    under_way = under_way + 1
  end
end
if #ended > 0 then redis.call('HDEL', leases, unpack(ended)) end
local is_failing = tonumber(holds[3] or 0) >= tonumber(ARGV[7])
if is_failing and ARGV[6] ~= '1' then most = 1 end
local room = math.min(most - under_way, tonumber(ARGV[5]))
if ARGV[6] == '1' and under_way > 0 then room = 0 end
local taken = {until_ms}
for _, set in ipairs({urgent, due}) do
  local keys = room > 0 and redis.call('ZRANGEBYSCORE', set, '-inf', now, 'LIMIT', 0, room) or {}
  if #keys > 0 then
    local found = redis.call('HMGET', entries, unpack(keys))
    local failed = redis.call('HMGET', failures, unpack(keys))
    local scores, leased = {}, {}
    for i, key in ipairs(keys) do
      scores[2 * i - 1], scores[2 * i] = until_ms, key
      leased[2 * i - 1], leased[2 * i] = key, until_ms .. ' ' .. ARGV[3]
      taken[#taken + 1], taken[#taken + 2], taken[#taken + 3] = key, found[i], failed[i] or '0'
    end
    redis.call('ZADD', set, unpack(scores))
    redis.call('HSET', leases, unpack(leased))
    room = room - #keys
  end
end
if room > 0 then taken[1] = earliest({urgent, due}) end
return taken
