-- Keeps versions that came late, and appends their stages to the history unless the service has
-- said something of that version before: a version pushed once more is no news.
-- KEYS: history, versions. ARGV: service, number of versions, pairs of id and version, then pairs
-- of version number and stage.
local at = 3
for _ = 1, tonumber(ARGV[2]) do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
if at > #ARGV then return 1 end
local known = {}
for _, entry in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local stage = cjson.decode(entry)
  if stage.service == ARGV[1] then known[tostring(stage.version)] = true end
end
for i = at, #ARGV, 2 do
  if not known[ARGV[i]] then redis.call('RPUSH', KEYS[1], ARGV[i + 1]) end
end
return 1
