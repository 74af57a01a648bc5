-- Names terms; of two names the one of the newest article stays, whichever came first.
-- KEYS: names. ARGV: when, of fixed length, then pairs of term and name.
for i = 2, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  if not known or string.sub(known, 1, #ARGV[1]) < ARGV[1] then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[1] .. ARGV[i + 1])
  end
end
return 1
