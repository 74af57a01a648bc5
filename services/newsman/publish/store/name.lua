-- Names terms; of two names the one of the newest article stays, whichever came first.
-- KEYS: names. ARGV: how long a moment is, then pairs of term and moment with name.
local length = tonumber(ARGV[1])
for i = 2, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  if not known or string.sub(known, 1, length) < string.sub(ARGV[i + 1], 1, length) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
