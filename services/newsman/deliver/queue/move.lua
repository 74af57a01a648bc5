-- Changes a field if it still holds what is expected ('' for none).
-- KEYS: a hash. ARGV: field, expected value, new value. Answers 1 if it was changed.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
