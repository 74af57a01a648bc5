-- Second part of one script in four files (arguments.lua, folding.lua, advancing.lua, counting.lua),
-- which are joined in this order and share their locals: how a piece goes into the rows. Times are
-- minutes since 1970.
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
  budget = budget - n
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

local function add_to_window(w)
  local changes = w.changes
  w.changes = {}
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

-- The same where nothing was before.
local function set_new(key, changes)
  local rows, n = {}, 0
  for id, change in pairs(changes) do
    rows[n + 1], rows[n + 2] = id, change
    n = n + 2
  end
  budget = budget - n / 2
  call('HSET', key, unpack(rows))
end

local function reaches(minute)
  if minute > newest then newest = minute end
end

local function add_all(all, changes)
  for article, change in pairs(changes) do all[article] = (all[article] or 0) + change end
end

-- Windows stand still while the pieces of one run go in. To one that holds all minutes of the run an
-- article's changes are added at once, to another minute by minute.
local ever = {key = prefix .. ':count:all', changes = {}}
local function add_minutes(piece)
  for minute, changes in pairs(piece.minute) do
    minute = tonumber(minute)
    if minute > newest then
      set_new(minute_key .. minute, changes)
    else
      add_to_hash(minute_key .. minute, changes)
    end
    reaches(minute)
    for _, w in ipairs(windows) do
      if minute <= w.edge then break end
      if piece.oldest <= w.edge then add_all(w.changes, changes) end
    end
  end
end
local function add_articles(piece)
  for hour, changes in pairs(piece.hour) do add_to_hash(hour_key .. hour, changes) end
  for day, changes in pairs(piece.day) do
    add_to_hash(day_key .. day, changes)
    add_all(ever.changes, changes)
    for _, w in ipairs(windows) do
      if piece.oldest <= w.edge then break end
      add_all(w.changes, changes)
    end
  end
end

-- A view is worth 2^(its seconds / half-life) for ever, and a score is the logarithm of the sum, so
-- that the order needs no refreshing (Cormode et al., Forward Decay, ICDE 2009).
local decayed_key = prefix .. ':decayed'
local function add_worth(fresh, base)
  local articles, scores, n = {}, {}, 0
  for article in pairs(fresh) do
    n = n + 1
    articles[n] = article
  end
  budget = budget - n * (#windows + 2) -- their rows of windows and of all time are written last
  if n == 0 then return end
  for i, before in ipairs(call('ZMSCORE', decayed_key, unpack(articles))) do
    local worth = fresh[articles[i]]
    if before then worth = worth + 2 ^ (tonumber(before) - base) end
    scores[2 * i - 1], scores[2 * i] = base + math.log(worth) / math.log(2), articles[i]
  end
  call('ZADD', decayed_key, unpack(scores))
end

local function add_sums(kind, spans)
  for span, sums in pairs(spans) do
    for field, sum in pairs(sums) do
      if sum > 0 then call('HINCRBY', prefix .. kind .. span, field, sum) end
      budget = budget - 1
    end
  end
end

local function add(piece)
  if piece.minute then add_minutes(piece) end
  if piece.worth then
    add_articles(piece)
    add_worth(piece.worth, piece.base / half_life)
  end
  if piece.filtered then
    add_sums(':filtered:hour:', piece.filtered.hour)
    add_sums(':filtered:day:', piece.filtered.day)
    for hour in pairs(piece.filtered.hour) do reaches(hour * 60 + 59) end
  end
  if piece.arrivals then
    add_sums(':arrivals:', piece.arrivals)
    for minute in pairs(piece.arrivals) do call('EXPIRE', prefix .. ':arrivals:' .. minute, 3600) end
  end
  if piece.attention then
    add_sums(':attention:day:', piece.attention)
    for day in pairs(piece.attention) do reaches(day * 1440) end
  end
end
