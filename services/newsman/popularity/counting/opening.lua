-- The offsets at which a partition's counting goes on, in the log of the first version of
-- article-viewed and in that of the second ("" = the beginning).
-- KEYS: offset. ARGV: prefix, rule, RESET, then the windows' names.
-- Counts that were made under another rule, or that an operator wants made again, are dropped in
-- the same step, so that no other process can count in between.
local prefix, rule, reset = ARGV[1], ARGV[2], ARGV[3]
local stored = redis.call('GET', KEYS[1]) or ''
local state, seen = prefix .. ':state', prefix .. ':seen'
if stored ~= reset and redis.call('HGET', state, 'rule') == rule then
  return {stored, redis.call('HGET', state, 'second') or ''}
end

local newest = tonumber(redis.call('HGET', state, 'newest'))
local oldest_day, oldest = tonumber(redis.call('HGET', state, 'day')), newest
for i = 4, #ARGV do
  local edge = tonumber(redis.call('HGET', state, ARGV[i]))
  if edge and oldest and edge < oldest then oldest = edge end
  redis.call('UNLINK', prefix .. ':count:' .. ARGV[i])
end
local function unlink_all(kind, first, last)
  for number = first, last do redis.call('UNLINK', prefix .. kind .. number) end
end
if newest then
  unlink_all(':minute:', oldest + 1, newest)
  unlink_all(':arrivals:', newest - 60, newest + 60) -- none is there for longer than an hour
  for _, kind in ipairs({':hour:', ':filtered:hour:'}) do
    unlink_all(kind, math.floor(oldest / 60), math.floor(newest / 60))
  end
  for _, kind in ipairs({':day:', ':filtered:day:', ':attention:day:'}) do
    unlink_all(kind, oldest_day or math.floor(oldest / 1440), math.floor(newest / 1440))
  end
end
for _, hour in ipairs(redis.call('HKEYS', seen)) do redis.call('UNLINK', seen .. ':' .. hour) end
redis.call('UNLINK', seen, prefix .. ':queue', prefix .. ':count:all', prefix .. ':decayed')
redis.call('DEL', state, KEYS[1])
redis.call('HSET', state, 'rule', rule)
return {'', ''}
