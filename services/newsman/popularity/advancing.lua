-- Moves the windows of one partition on to a new clock: views that leave a window are taken off.
-- KEYS: offset. ARGV: prefix, expected offset ("" = none), view window in seconds, clock in
-- seconds, most views to take off.
-- Answers 1 when everything has moved, 0 when there is more to do (call again), and -1 when the
-- offset is another than expected: the counts are not those that the caller made.
local prefix, expected, window = ARGV[1], ARGV[2], tonumber(ARGV[3])
local clock, budget = tonumber(ARGV[4]), tonumber(ARGV[5])
local stored = redis.call('GET', KEYS[1]) or ''
if stored ~= expected then return -1 end
if stored == '' then return 1 end

local BUCKET, DAY = 1800, 86400
if window > BUCKET then BUCKET = window end
local WINDOWS = {{'1h', 3600}, {'24h', 86400}, {'7d', 604800}}

local function lower(zset, article)
  local left = redis.call('ZINCRBY', zset, -1, article)
  if tonumber(left) <= 0 then redis.call('ZREM', zset, article) end
end

local function leave(w, member)
  local article, reader = string.match(member, '^(%S+) (%S+)')
  lower(prefix .. ':views:' .. w, article)
  local pair = article .. ' ' .. reader
  if redis.call('HINCRBY', prefix .. ':pairs:' .. w, pair, -1) <= 0 then
    redis.call('HDEL', prefix .. ':pairs:' .. w, pair)
    lower(prefix .. ':readers:' .. w, article)
  end
end

for _, w in ipairs(WINDOWS) do
  local name, edge_key = w[1], prefix .. ':edge:' .. w[1]
  local edge, target = tonumber(redis.call('GET', edge_key)), clock - w[2]
  if edge and target > edge then
    local from, to = math.floor(edge / BUCKET), math.floor(target / BUCKET)
    local buckets = redis.call('ZRANGEBYSCORE', prefix .. ':buckets', from, to)
    for _, b in ipairs(buckets) do
      local bucket_end = math.min((tonumber(b) + 1) * BUCKET - 1, target)
      local members = redis.call('ZRANGEBYSCORE', prefix .. ':seen:' .. b,
                                 '(' .. edge, bucket_end, 'WITHSCORES', 'LIMIT', 0, budget + 1)
      local n = #members / 2
      if n > budget then
        -- Stop between two seconds: what has the last score seen may go on beyond the limit.
        local last = tonumber(members[#members])
        local cut = last - 1
        if tonumber(members[2]) == last then
          members = redis.call('ZRANGEBYSCORE', prefix .. ':seen:' .. b, last, last, 'WITHSCORES')
          cut = last
        end
        for i = 1, #members, 2 do
          if tonumber(members[i + 1]) <= cut then leave(name, members[i]) end
        end
        redis.call('SET', edge_key, cut)
        return 0
      end
      for i = 1, #members, 2 do leave(name, members[i]) end
      budget = budget - n
      edge = math.max(edge, bucket_end)
      redis.call('SET', edge_key, edge)
    end
    redis.call('SET', edge_key, target)
  end
end

-- A bucket is kept one bucket longer than the longest window, since its neighbours look into it.
local oldest = math.floor((clock - WINDOWS[#WINDOWS][2]) / BUCKET) - 2
for _, b in ipairs(redis.call('ZRANGEBYSCORE', prefix .. ':buckets', '-inf', oldest)) do
  redis.call('UNLINK', prefix .. ':seen:' .. b)
  redis.call('ZREM', prefix .. ':buckets', b)
end
for _, day in ipairs(redis.call('SMEMBERS', prefix .. ':id-days')) do
  if tonumber(day) < math.floor(clock / DAY) - 1 then
    redis.call('UNLINK', prefix .. ':ids:' .. day)
    redis.call('SREM', prefix .. ':id-days', day)
  end
end
return 1
