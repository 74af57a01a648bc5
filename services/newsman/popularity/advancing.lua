-- The second half of counting.lua: what has left the windows goes, and so do the rows and the
-- fingerprints that can't matter any more, each call some of them.
local function drop_hour(hour)
  call('UNLINK', hour_key .. hour, prefix .. ':filtered:hour:' .. hour)
end

-- What has left a window by now is taken off it, minute by minute; the longest comes last, since
-- its minutes are gone then.
local more = 0
for n = #windows, 1, -1 do
  local w, target = windows[n], (n == 1 and now or real_now) - windows[n].minutes
  local edge, changes = w.edge, w.changes
  while edge < target and budget > 0 do
    if edge >= newest then
      edge = target
      local hour = floor(newest / 60)
      if n == 1 and edge >= hour * 60 + 59 then drop_hour(hour) end
      break
    end
    edge = edge + 1
    local rows = call('HGETALL', minute_key .. edge)
    for i = 1, #rows, 2 do changes[rows[i]] = (changes[rows[i]] or 0) - tonumber(rows[i + 1]) end
    if n == 1 and #rows > 0 then call('UNLINK', minute_key .. edge) end
    if n == 1 and edge % 60 == 59 then drop_hour(floor(edge / 60)) end
    budget = budget - 1 - #rows / 2
  end
  if edge < target then more = 1 end
  if edge ~= w.edge then call('HSET', state, w.name, edge) end
  add_to_window(w, changes)
end

-- The rows of days stay longest.
local oldest_day = floor(now / 1440) - DAYS_KEPT
local day_before = tonumber(call('HGET', state, 'day'))
local day = math.max(day_before or oldest_day, oldest_day - DAYS_KEPT)
while day < oldest_day and budget > 0 do
  day = day + 1
  call('UNLINK', day_key .. day, prefix .. ':filtered:day:' .. day)
  call('UNLINK', prefix .. ':attention:day:' .. day)
  budget = budget - 1
end
if day ~= day_before then call('HSET', state, 'day', day) end

-- Fingerprints that can't matter any more go too, some buckets at a time.
local target = floor(clock * BUCKETS / SWEEP_SECONDS)
local swept_before = tonumber(call('HGET', state, 'swept'))
local swept = math.max(swept_before or target, target - BUCKETS)
while swept < target and budget > 0 do
  swept = swept + 1
  local key = seen_key .. swept % BUCKETS
  local fields = call('HGETALL', key)
  for i = 1, #fields, 2 do
    local times = fields[i + 1]
    if unpack_from('>I4', times, #times - 3) <= clock - kept_seconds then
      call('HDEL', key, fields[i])
    end
  end
  budget = budget - 1 - #fields / 8
end
if swept ~= swept_before then call('HSET', state, 'swept', swept) end
if swept < target then more = 1 end

if next_offset ~= stored then call('SET', KEYS[1], next_offset) end
return {1, counted, duplicates, past, more}
