-- Third part of one script in four files (arguments.lua, folding.lua, advancing.lua, counting.lua),
-- which are joined in this order and share their locals: how windows move on, and how what can no
-- longer matter is dropped, some of it in each call. Edges are minutes since 1970, hours are hours
-- since 1970.
local DAYS_KEPT, FADED = 400, 50 -- views fade away after 50 half-lives

-- Reads where the windows stand; a new one begins with the run, or now.
local function open_windows()
  for n, w in ipairs(windows) do
    w.edge = tonumber(call('HGET', state, w.name))
    if not w.edge then
      w.edge = (n == 1 and floor(first_second / 60) or real_now) - w.minutes
      call('HSET', state, w.name, w.edge)
    end
  end
  newest_before = tonumber(call('HGET', state, 'newest'))
  newest = newest_before or longest.edge
end

local function drop_hour(hour)
  call('UNLINK', hour_key .. hour, prefix .. ':filtered:hour:' .. hour)
end

-- Takes off a window, minute by minute, what has left it by a minute; the minutes themselves go with
-- the longest. Answers whether it is done.
local function advance(w, target)
  local edge = w.edge
  while edge < target and budget > 0 do
    if edge >= newest then
      edge = target
      local hour = floor(newest / 60)
      if w == longest and edge >= hour * 60 + 59 then drop_hour(hour) end
      break
    end
    edge = edge + 1
    local rows, changes = call('HGETALL', minute_key .. edge), w.changes
    for i = 1, #rows, 2 do changes[rows[i]] = (changes[rows[i]] or 0) - tonumber(rows[i + 1]) end
    if w == longest then
      if #rows > 0 then call('UNLINK', minute_key .. edge, prefix .. ':arrivals:' .. edge) end
      if edge % 60 == 59 then drop_hour(floor(edge / 60)) end
    end
    budget = budget - 1 - #rows / 2
  end
  if edge ~= w.edge then
    call('HSET', state, w.name, edge)
    w.edge = edge
  end
  return edge >= target
end

-- Drops what is older than it may be, from where that was done last. Answers whether it is done.
local function drop_until(field, target, step, drop)
  local before = tonumber(call('HGET', state, field))
  local at = math.max(before or target, target - step)
  while at < target and budget > 0 do
    at = at + 1
    drop(at)
    budget = budget - 1
  end
  if at ~= before then call('HSET', state, field, at) end
  return at >= target
end

local function drop_day(day)
  call('UNLINK', day_key .. day, prefix .. ':filtered:day:' .. day)
  call('UNLINK', prefix .. ':attention:day:' .. day)
end

local function drop_seen(hour)
  if call('HDEL', seen_key, hour) == 1 then call('UNLINK', seen_key .. ':' .. hour) end
end

local function move_to(second)
  local oldest_day = floor(second / 86400) - DAYS_KEPT
  local oldest_seen = floor((second - kept_seconds) / 3600) - 1
  call('ZREMRANGEBYSCORE', decayed_key, '-inf', second / half_life - FADED)
  return advance(longest, floor(second / 60) - longest.minutes)
    and drop_until('day', oldest_day, DAYS_KEPT, drop_day)
    and drop_until('seen', oldest_seen, 24 * DAYS_KEPT, drop_seen)
end

-- The longest takes the minutes away, so the others must have taken them off before.
local function move_shorter()
  local done = true
  for n = #windows, 2, -1 do
    done = advance(windows[n], real_now - windows[n].minutes) and done
  end
  return done
end
