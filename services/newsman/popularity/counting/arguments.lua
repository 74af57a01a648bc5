-- First part of one script in four files (arguments.lua, folding.lua, advancing.lua, counting.lua),
-- which are joined in this order and share their locals: what the script works with. The last part is
-- what it does.
-- KEYS: offset. ARGV: prefix, rule, expected offset of the first version's log ("" = none), next
-- offset; the same two of the second version's log; the log's clock in
-- seconds, the first second of the run, the real clock in seconds, budget (rows to write), half-life
-- in seconds, seconds that a reader's views are kept, number of hours, then of each hour: number since
-- 1970 and 12 bytes for each view that counted in it (fingerprint of article and reader, second);
-- number of pieces, pieces (rows.py); and the windows from the longest to the shortest: name,
-- minutes, ...
local call, floor = redis.call, math.floor
local prefix, rule, expected, next_offset = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local expected_second, next_second = ARGV[5], ARGV[6]
local clock, first_second, real_clock = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local budget, half_life, kept_seconds = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local real_now = floor(real_clock / 60)
local state, queue, seen_key = prefix .. ':state', prefix .. ':queue', prefix .. ':seen'
local minute_key, hour_key, day_key = prefix .. ':minute:', prefix .. ':hour:', prefix .. ':day:'

local journal, pieces, windows = {}, {}, {}
local arg = 13
for n = 1, tonumber(ARGV[arg]) do
  journal[n] = {hour = ARGV[arg + 1], records = ARGV[arg + 2]}
  arg = arg + 2
end
arg = arg + 1
for n = 1, tonumber(ARGV[arg]) do
  arg = arg + 1
  pieces[n] = ARGV[arg]
end
for i = arg + 1, #ARGV, 2 do
  windows[#windows + 1] = {
    name = ARGV[i], minutes = tonumber(ARGV[i + 1]), key = prefix .. ':count:' .. ARGV[i],
    changes = {},
  }
end
local longest = windows[1]
local newest_before, newest -- the last minute that has a row, before this step and now
