-- Empties the queue of a subscription that has ended.
-- KEYS: entries, and every other key of the queue
-- Answers keys and entries of what waited, in turn, to the first that asks.
local waiting = redis.call('HGETALL', KEYS[1])
redis.call('UNLINK', unpack(KEYS))
return waiting
