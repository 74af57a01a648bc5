-- What an article's place in the lists follows from, to be compared with what was written by it.
-- KEYS: article, children, versions.
return {
  redis.call('HGET', KEYS[1], 'token'),
  redis.call('HGETALL', KEYS[2]),
  redis.call('HLEN', KEYS[3]),
}
