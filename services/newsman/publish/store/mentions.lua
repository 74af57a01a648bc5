-- Which of some entities an article was the first to name; what nobody named yet, it names now.
-- KEYS: mentions. ARGV: the article, the number of slugs that it names, these, then slugs that it
-- named before. Answers false while the hash is not filled.
if redis.call('HEXISTS', KEYS[1], '') == 0 then return false end
local own = {}
for i = 3, #ARGV do
  if i < 3 + tonumber(ARGV[2]) then redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[1]) end
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[1] then own[#own + 1] = ARGV[i] end
end
return own
