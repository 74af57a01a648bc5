-- All that the gate knows of one article, at one moment.
-- KEYS: article, pending, children, versions, parents. ARGV: the fields of the article.
return {
  redis.call('HMGET', KEYS[1], unpack(ARGV)),
  redis.call('HGETALL', KEYS[2]),
  redis.call('HGETALL', KEYS[3]),
  redis.call('HLEN', KEYS[4]),
  redis.call('SMEMBERS', KEYS[5]),
}
