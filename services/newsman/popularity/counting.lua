-- Counts a run of views of one partition and moves its offset, in one step.
-- KEYS: offset. ARGV: prefix, expected offset ("" = none), next offset, view window in seconds,
-- clock (the log's own, in seconds), then 5 per view: article, reader, at, logged, resend id.
-- Answers {1, counted, duplicates, late}, or {0, stored offset} when the offset is another.
local prefix, expected, next_offset = ARGV[1], ARGV[2], ARGV[3]
local window, clock = tonumber(ARGV[4]), tonumber(ARGV[5])
local stored = redis.call('GET', KEYS[1])
if (stored or '') ~= expected then return {0, stored or ''} end

local BUCKET, DAY = 1800, 86400
if window > BUCKET then BUCKET = window end
local WINDOWS = {{'1h', 3600}, {'24h', 86400}, {'7d', 604800}}
local edges = {}
for i, w in ipairs(WINDOWS) do
  edges[i] = tonumber(redis.call('GET', prefix .. ':edge:' .. w[1]))
  if not edges[i] then
    edges[i] = clock - w[2]
    redis.call('SET', prefix .. ':edge:' .. w[1], edges[i])
  end
end

local function resent(id, logged)
  local day = math.floor(logged / DAY)
  for d = day - 1, day do
    if redis.call('SISMEMBER', prefix .. ':ids:' .. d, id) == 1 then return true end
  end
  redis.call('SADD', prefix .. ':ids:' .. day, id)
  redis.call('SADD', prefix .. ':id-days', day)
  return false
end

local known = {}
local function exists(bucket)
  if known[bucket] == nil then
    known[bucket] = redis.call('ZSCORE', prefix .. ':buckets', bucket) ~= false
  end
  return known[bucket]
end

local function seen(member, at)
  local bucket = math.floor(at / BUCKET)
  for b = bucket - 1, bucket + 1 do
    if exists(b) then
      local before = redis.call('ZSCORE', prefix .. ':seen:' .. b, member)
      if before and math.abs(before - at) < window then return true end
    end
  end
  return false
end

local counted, duplicates, late = 0, 0, 0
local offset_in_run = 0
for i = 6, #ARGV, 5 do
  local article, reader, at = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local logged, id = tonumber(ARGV[i + 3]), ARGV[i + 4]
  local pair = article .. ' ' .. reader
  offset_in_run = offset_in_run + 1
  if id ~= '' and resent(id, logged) then
    duplicates = duplicates + 1
  elseif window > 0 and seen(pair, at) then
    duplicates = duplicates + 1
  else
    local member = pair
    if window == 0 then member = pair .. ' ' .. next_offset .. ' ' .. offset_in_run end
    local bucket = math.floor(at / BUCKET)
    redis.call('ZADD', prefix .. ':seen:' .. bucket, at, member)
    if not exists(bucket) then
      redis.call('ZADD', prefix .. ':buckets', bucket, bucket)
      known[bucket] = true
    end
    local fits = false
    for n, w in ipairs(WINDOWS) do
      if at > edges[n] then
        fits = true
        redis.call('ZINCRBY', prefix .. ':views:' .. w[1], 1, article)
        if redis.call('HINCRBY', prefix .. ':pairs:' .. w[1], pair, 1) == 1 then
          redis.call('ZINCRBY', prefix .. ':readers:' .. w[1], 1, article)
        end
      end
    end
    if fits then counted = counted + 1 else late = late + 1 end
  end
end
redis.call('SET', KEYS[1], next_offset)
return {1, counted, duplicates, late}
