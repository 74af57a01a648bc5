-- Keeps a statement that the log has: as the article's newest, or among the earlier ones.
-- KEYS: article, statements. ARGV: revision, statement.
local kept = redis.call('HGET', KEYS[1], 'stated')
local newest = kept and tonumber(string.match(kept, '^%d+')) or 0
if tonumber(ARGV[1]) > newest then
  if kept then
    redis.call('HSET', KEYS[2], newest, string.sub(kept, string.find(kept, ' ') + 1))
  end
  redis.call('HSET', KEYS[1], 'stated', ARGV[1] .. ' ' .. ARGV[2])
elseif tonumber(ARGV[1]) < newest then
  redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
end
return 1
