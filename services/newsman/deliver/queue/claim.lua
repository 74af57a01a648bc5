-- Puts hints right and claims the subscriptions that have something due.
-- KEYS: ready
-- ARGV: now in ms, until when a claim holds in ms, most subscriptions,
--       then of each hint: subscription, the score that it was claimed with or '', next due or -1
-- Answers {the Unix ms of the next hint that is not due yet or -1, the claimed subscriptions ...}.
-- A claimed subscription comes again when its claim ends, should its process have died.
local ready = KEYS[1]
for i = 4, #ARGV, 3 do
  local id, claimed, due = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local score = redis.call('ZSCORE', ready, id)
  local is_own = claimed ~= '' and score and tonumber(score) == tonumber(claimed)
  if due == '-1' then
    -- Whoever has put something in meanwhile has put the hint lower.
    if is_own then redis.call('ZREM', ready, id) end
  elseif is_own then
    redis.call('ZADD', ready, due, id)
  else
    redis.call('ZADD', ready, 'LT', due, id)
  end
end
local ids = redis.call('ZRANGEBYSCORE', ready, '-inf', ARGV[1], 'LIMIT', 0, tonumber(ARGV[3]))
for _, id in ipairs(ids) do redis.call('ZADD', ready, ARGV[2], id) end
local first = redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES')
return {first[2] and string.format('%d', tonumber(first[2])) or '-1', unpack(ids)}
