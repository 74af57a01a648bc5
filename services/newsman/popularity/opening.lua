-- The offset at which a partition's counting goes on ("" = the beginning).
-- KEYS: offset. ARGV: prefix, rule, RESET, then the windows' names.
-- Counts that were made under another rule, or that an operator wants made again, are dropped in
-- the same step, so that no other process can count in between.
local prefix, rule, reset = ARGV[1], ARGV[2], ARGV[3]
local stored = redis.call('GET', KEYS[1]) or ''
local state = prefix .. ':state'
local made_under = redis.call('HGET', state, 'rule')
if stored ~= reset and made_under == rule then return stored end

local state_now = redis.call('HGETALL', state)
local oldest, newest
for i = 1, #state_now, 2 do
  local field, value = state_now[i], tonumber(state_now[i + 1])
  if field == 'newest' then
    newest = value
  elseif field ~= 'rule' and field ~= 'swept' then
    if value and (not oldest or value < oldest) then oldest = value end
    redis.call('UNLINK', prefix .. ':count:' .. field)
  end
end
for minute = (oldest or 0) + 1, newest or 0 do redis.call('UNLINK', prefix .. ':minute:' .. minute) end
if newest then
  for bucket = 0, 16383 do redis.call('UNLINK', prefix .. ':seen:' .. bucket) end
end
redis.call('DEL', state, KEYS[1])
redis.call('HSET', state, 'rule', rule)
return ''
