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
local oldest, newest, oldest_day
for i = 1, #state_now, 2 do
  local field, value = state_now[i], tonumber(state_now[i + 1])
  if field == 'newest' then
    newest = value
  elseif field == 'day' then
    oldest_day = value
  elseif field ~= 'rule' and field ~= 'swept' then
    if value and (not oldest or value < oldest) then oldest = value end
    redis.call('UNLINK', prefix .. ':count:' .. field)
  end
end
local function unlink_all(kind, first, last)
  for number = first, last do redis.call('UNLINK', prefix .. kind .. number) end
end
if newest then
  oldest = oldest or newest
  unlink_all(':minute:', oldest + 1, newest)
  for _, kind in ipairs({':hour:', ':filtered:hour:'}) do
    unlink_all(kind, math.floor(oldest / 60), math.floor(newest / 60))
  end
  for _, kind in ipairs({':day:', ':filtered:day:', ':attention:day:'}) do
    unlink_all(kind, oldest_day or math.floor(oldest / 1440), math.floor(newest / 1440))
  end
  unlink_all(':seen:', 0, 16383)
end
redis.call('UNLINK', prefix .. ':count:all', prefix .. ':decayed')
redis.call('DEL', state, KEYS[1])
redis.call('HSET', state, 'rule', rule)
return ''
