-- Keeps versions that came late, and appends their stages to the history. One that is kept
-- already was only delivered again; and of a version that the service has said something of
-- before, pushed once more, there is no news either.
-- KEYS: history, versions. ARGV: service, number of versions, pairs of id and version, then pairs
-- of version number and stage.
local at = 3
local kept = 0
for _ = 1, tonumber(ARGV[2]) do
  kept = kept + redis.call('HSETNX', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
if kept == 0 then return 1 end
local known = {}
for _, entry in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local stage = cjson.decode(entry)
  if stage.service == ARGV[1] then known[tostring(stage.version)] = true end
end
for i = at, #ARGV, 2 do
  if not known[ARGV[i]] then redis.call('RPUSH', KEYS[1], ARGV[i + 1]) end
end
return 1
