-- Remembers an article and the places where others meet it, and counts the words of a new one.
-- KEYS: the article, the week's counts of words, the hashes of its bands, its places.
-- ARGV: its id, the moment, how many articles of a place or band are kept; for how many seconds articles,
-- bands, places and counts are kept; its place, its order and what is known of it; the number of bands; the
-- field of each band; the words to count.
local id, moment, newest, bands = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[11])
local FIELDS, WIDTH = 11, 16

redis.call('HSET', KEYS[1], 'place', ARGV[8], 'order', ARGV[9], 'known', ARGV[10])
redis.call('EXPIRE', KEYS[1], ARGV[4])
for band = 1, bands do
  local key, field = KEYS[2 + band], ARGV[FIELDS + band]
  local kept = {id}
  local ids = redis.call('HGET', key, field) or ''
  for at = 1, #ids, WIDTH do
    local other = ids:sub(at, at + WIDTH - 1)
    if other ~= id and #kept < newest then kept[#kept + 1] = other end
  end
  redis.call('HSET', key, field, table.concat(kept))
  redis.call('EXPIRE', key, ARGV[5])
end
for n = 3 + bands, #KEYS do
  redis.call('ZADD', KEYS[n], moment, id)
  redis.call('ZREMRANGEBYRANK', KEYS[n], 0, -newest - 1)
  redis.call('EXPIRE', KEYS[n], ARGV[6])
end
if #ARGV > FIELDS + bands then
  for n = FIELDS + bands + 1, #ARGV do redis.call('HINCRBY', KEYS[2], ARGV[n], 1) end
  redis.call('EXPIRE', KEYS[2], ARGV[7])
end
