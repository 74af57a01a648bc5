-- Forgets what was sent and answered of articles that were taken away.
-- KEYS: exchanges, leases
-- ARGV: keys of entries
-- What is under way just now is marked by a field of the entry's own name, and is not kept either.
local exchanges, leases = KEYS[1], KEYS[2]
local gone = {}
for _, key in ipairs(ARGV) do
  gone[key] = true
  if redis.call('HEXISTS', leases, key) == 1 then redis.call('HSET', exchanges, key, '') end
end
for _, field in ipairs(redis.call('HKEYS', exchanges)) do
  local key = string.match(field, '^(.*) %d+$')
  if key and gone[key] then redis.call('HDEL', exchanges, field) end
end
