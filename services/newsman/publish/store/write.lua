-- Writes what one look at an article came to, if nobody wrote since it was loaded.
-- KEYS: article, history, pending, versions, statements. ARGV: the expected token, then six runs,
-- each with its length first: fields and values to set, fields to delete, revisions and events that
-- wait still, revisions and events to send, ids and older versions to keep, revisions and statements
-- that are not the newest any more; then the stages. Answers 0 when somebody else was first.
if tonumber(redis.call('HGET', KEYS[1], 'token') or 0) ~= tonumber(ARGV[1]) then return 0 end
local at = 2
local function run()
  local length = tonumber(ARGV[at])
  local found = {}
  for i = 1, length do found[i] = ARGV[at + i] end
  at = at + length + 1
  return found
end
local function put(command, key, values)
  if #values > 0 then redis.call(command, key, unpack(values)) end
end
put('HSET', KEYS[1], run())
put('HDEL', KEYS[1], run())
local waiting = run()
for i = 1, #waiting, 2 do
  -- One that was sent meanwhile does not come back.
  if redis.call('HEXISTS', KEYS[3], waiting[i]) == 1 then
    redis.call('HSET', KEYS[3], waiting[i], waiting[i + 1])
  end
end
put('HSET', KEYS[3], run())
put('HSET', KEYS[4], run())
put('HSET', KEYS[5], run())
local stages = {}
for i = at, #ARGV do stages[#stages + 1] = ARGV[i] end
put('RPUSH', KEYS[2], stages)
return 1
