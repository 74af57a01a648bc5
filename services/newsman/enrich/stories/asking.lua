-- What is remembered of an article (KEYS[1]), its place and order, and how often each of ARGV was used in
-- the weeks that are counted (KEYS[2] and on).
local article = redis.call('HMGET', KEYS[1], 'place', 'order')
local counts = {}
for n = 1, #ARGV do counts[n] = 0 end
for week = 2, #KEYS do
  local used = redis.call('HMGET', KEYS[week], unpack(ARGV))
  for n = 1, #ARGV do
    if used[n] then counts[n] = counts[n] + used[n] end
  end
end
return {article[1], article[2], counts}
