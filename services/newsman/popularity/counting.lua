-- Counts a run of views of one partition, moves its offset and its windows on, in one step.
-- KEYS: offset. ARGV: prefix, expected offset ("" = none), next offset, view window in seconds,
-- clock in seconds, budget (most minutes and rows to take off), article ids (16 characters each),
-- views, resends, filtered, attention, half-life in seconds, the real clock in seconds, then the
-- windows from the longest to the shortest: name, minutes, ...
-- The clock is the log's while the consumer catches up; by it the longest window and all that a
-- recount must find again moves. The others are where they have to be by the real clock, so that
-- what has left them meanwhile is never put in.
-- A view: bucket, fingerprint of article and reader, article's number, seconds. A resend: number of
-- the view (from 1), bucket, fingerprint of its id, seconds at which it was logged. A filtered: how
-- many of an article (its number) did not count in an hour since 1970, and the letter of the reason.
-- An attention: number of the view that tells it (0: none), article's number, seconds since 1970,
-- seconds of reading, 1 if it was read to the end.
-- Answers {1, counted, duplicates, past, more to take off}, or {0, stored offset} when the offset
-- is another than expected: the counts are not those that the caller made.
--
-- A row of a minute or of a window is one number, views * READ + readers. A reader stands in the
-- minute of the last counted view of the article, so a window's row is the sum of its minutes; and
-- so are the rows of hours and days. One who has been away for the longest window is a new one.
local prefix, expected, next_offset = ARGV[1], ARGV[2], ARGV[3]
local view_window, clock, budget = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local articles, views, resends, filtered = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local attention, half_life = ARGV[11], tonumber(ARGV[12])
local stored = redis.call('GET', KEYS[1]) or ''
if stored ~= expected then return {0, stored} end
if next_offset == '' then return {1, 0, 0, 0, 0} end

local call, unpack_from, pack = redis.call, struct.unpack, struct.pack
local READ, BUCKETS, SWEEP_SECONDS, SPARE_SECONDS = 67108864, 16384, 86400, 7200
local LATE_SECONDS, DAYS_KEPT, FADED = 604800, 400, 50 -- views fade away after 50 half-lives
local floor = math.floor
local state, minute_key, seen_key = prefix .. ':state', prefix .. ':minute:', prefix .. ':seen:'
local hour_key, day_key = prefix .. ':hour:', prefix .. ':day:'
local now, real_now = floor(clock / 60), floor(tonumber(ARGV[13]) / 60)

local windows = {}
for i = 14, #ARGV, 2 do
  local edge = tonumber(call('HGET', state, ARGV[i]))
  if not edge then
    edge = (i == 14 and now or real_now) - tonumber(ARGV[i + 1])
    call('HSET', state, ARGV[i], edge)
  end
  windows[#windows + 1] = {
    edge = edge, name = ARGV[i], minutes = tonumber(ARGV[i + 1]),
    key = prefix .. ':count:' .. ARGV[i], changes = {},
  }
end
local longest = windows[1]
local away_seconds = longest.minutes * 60
-- So long a pair is kept that whatever comes late still finds what it would have found in time.
local near_seconds = LATE_SECONDS + view_window + SPARE_SECONDS
local kept_seconds = away_seconds + near_seconds

-- What a resend's id was counted under before: the same id within the longest window is no view.
local resent = {}
for i = 1, #resends, 14 do
  local n, bucket, id, logged = unpack_from('>I2I2c6I4', resends, i)
  local key = seen_key .. bucket % BUCKETS
  local before = call('HGET', key, id)
  if before and logged - unpack_from('>I4', before) < longest.minutes * 60 then
    resent[n] = true
  else
    call('HSET', key, id, pack('>I4', logged))
  end
end

-- Whether one of the times (4 bytes each, sorted) is less than the view window away; else the
-- times with the new one among them.
local function with(times, at)
  local kept, placed, last = {}, false, unpack_from('>I4', times, #times - 3)
  local oldest = math.max(last, at) - near_seconds
  for i = 1, #times, 4 do
    local t = unpack_from('>I4', times, i)
    if math.abs(t - at) < view_window then return nil, last end
    if not placed and at < t then
      kept[#kept + 1], placed = pack('>I4', at), true
    end
    if t > oldest then kept[#kept + 1] = times:sub(i, i + 3) end
  end
  if not placed then kept[#kept + 1] = pack('>I4', at) end
  if view_window == 0 then return kept[#kept], last end
  return table.concat(kept), last
end

local minutes, hours, days, ever, fresh = {}, {}, {}, {}, {}
local function add_to(spans, span, article, change)
  local rows = spans[span]
  if not rows then
    rows = {}
    spans[span] = rows
  end
  rows[article] = (rows[article] or 0) + change
end
local function add(minute, article, change)
  add_to(minutes, minute, article, change)
  add_to(hours, floor(minute / 60), article, change)
  add_to(days, floor(minute / 1440), article, change)
  ever[article] = (ever[article] or 0) + change
end

local ids = {}
for i = 1, #articles, 16 do ids[#ids + 1] = articles:sub(i, i + 15) end

local counted, duplicates, past, nth = 0, 0, 0, 0
for i = 1, #views, 14 do
  local bucket, pair, number, at = unpack_from('>I2c6I2I4', views, i)
  nth = nth + 1
  local key, time = seen_key .. bucket % BUCKETS, views:sub(i + 10, i + 13)
  local updated, last
  -- Most readers see an article once: one command is enough for them.
  if not resent[nth] and call('HSETNX', key, pair, time) == 1 then
    updated = time
  elseif not resent[nth] then
    updated, last = with(call('HGET', key, pair), at)
    if updated then call('HSET', key, pair, updated) end
  end
  local minute, article = floor(at / 60), ids[number + 1]
  if not updated then
    duplicates = duplicates + 1
  elseif minute <= longest.edge then
    past = past + 1
  else
    counted = counted + 1
    fresh[article] = (fresh[article] or 0) + 2 ^ ((at - clock) / half_life)
    if last and last > at then
      add(minute, article, READ)
    else
      add(minute, article, READ + 1)
      if last and at - last < away_seconds then add(floor(last / 60), article, -1) end
    end
  end
end

local CHUNK = 2000 -- more arguments of one command than twice that are too many for Lua

-- Adds to the rows of a hash or of a sorted set, in as few commands as can be: `get` answers the
-- rows of some ids, `write` and `remove` take what they have become.
local function add_rows(changes, get, write, remove)
  local ids, n = {}, 0
  for id, change in pairs(changes) do
    if change ~= 0 then
      n = n + 1
      ids[n] = id
    end
  end
  for first = 1, n, CHUNK do
    local last = math.min(first + CHUNK - 1, n)
    local rows, written, gone, w = get(unpack(ids, first, last)), {}, {}, 0
    for i, row in ipairs(rows) do
      local id = ids[first + i - 1]
      local is = (tonumber(row) or 0) + changes[id]
      if is > 0 then
        written[w + 1], written[w + 2] = id, is
        w = w + 2
      else
        gone[#gone + 1] = id
      end
    end
    if w > 0 then write(written) end
    if #gone > 0 then remove(unpack(gone)) end
  end
end

local function add_to_window(w, changes)
  add_rows(
    changes,
    function(...) return call('ZMSCORE', w.key, ...) end,
    function(rows)
      for i = 1, #rows, 2 do rows[i], rows[i + 1] = rows[i + 1], rows[i] end
      call('ZADD', w.key, unpack(rows))
    end,
    function(...) call('ZREM', w.key, ...) end
  )
end

local function add_to_hash(key, changes)
  add_rows(
    changes,
    function(...) return call('HMGET', key, ...) end,
    function(rows) call('HSET', key, unpack(rows)) end,
    function(...) call('HDEL', key, ...) end
  )
end

local newest_before = tonumber(call('HGET', state, 'newest'))
local newest = newest_before or longest.edge
for minute, changes in pairs(minutes) do
  if minute > longest.edge then
    add_to_hash(minute_key .. minute, changes)
    for _, w in ipairs(windows) do
      if minute <= w.edge then break end
      local all = w.changes
      for article, change in pairs(changes) do all[article] = (all[article] or 0) + change end
    end
    if minute > newest then newest = minute end
  end
end
for hour, changes in pairs(hours) do add_to_hash(hour_key .. hour, changes) end
for day, changes in pairs(days) do add_to_hash(day_key .. day, changes) end
add_to_window({key = prefix .. ':count:all'}, ever)

-- A view is worth 2^(its seconds / half-life) for ever, and a score is the logarithm of the sum, so
-- that the order needs no refreshing (Cormode et al., Forward Decay, ICDE 2009).
local decayed_key, base = prefix .. ':decayed', clock / half_life
local read = {}
for article in pairs(fresh) do read[#read + 1] = article end
for first = 1, #read, CHUNK do
  local last, scores = math.min(first + CHUNK - 1, #read), {}
  for i, before in ipairs(call('ZMSCORE', decayed_key, unpack(read, first, last))) do
    local article = read[first + i - 1]
    local worth = fresh[article]
    if before then worth = worth + 2 ^ (tonumber(before) - base) end
    scores[2 * i - 1], scores[2 * i] = base + math.log(worth) / math.log(2), article
  end
  call('ZADD', decayed_key, unpack(scores))
end
call('ZREMRANGEBYSCORE', decayed_key, '-inf', base - FADED)

for i = 1, #filtered, 9 do
  local number, hour, reason, many = unpack_from('>I2I4c1I2', filtered, i)
  local article, day = ids[number + 1], floor(hour / 24)
  if hour * 60 + 59 > longest.edge then
    call('HINCRBY', prefix .. ':filtered:hour:' .. hour, article .. reason, many)
    call('HINCRBY', prefix .. ':filtered:day:' .. day, article .. reason, many)
    newest = math.max(newest, hour * 60 + 59)
  end
end
local attended = {}
for i = 1, #attention, 11 do
  local view, number, at, reading, ended = unpack_from('>I2I2I4I2B', attention, i)
  local minute, article = floor(at / 60), ids[number + 1]
  if minute > longest.edge and not resent[view] then
    add_to(attended, floor(minute / 1440), article .. 'n', 1)
    add_to(attended, floor(minute / 1440), article .. 's', reading)
    add_to(attended, floor(minute / 1440), article .. 'e', ended)
    if minute > newest then newest = minute end
  end
end
for day, sums in pairs(attended) do
  for field, sum in pairs(sums) do
    if sum > 0 then call('HINCRBY', prefix .. ':attention:day:' .. day, field, sum) end
  end
end
if newest ~= newest_before then call('HSET', state, 'newest', newest) end
