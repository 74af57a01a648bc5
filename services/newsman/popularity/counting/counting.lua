-- First part of one script in three files (counting.lua, folding.lua, advancing.lua), which are
-- joined in this order and share their locals.
-- Takes what a run of one partition adds, moves its offset, and works at its rows, in one step.
-- KEYS: offset. ARGV: prefix, rule, expected offset ("" = none), next offset, the log's clock in
-- seconds, the first second of the run, the real clock in seconds, budget (rows to write), half-life
-- in seconds, seconds that a reader's views are kept, number of hours, then of each hour: number since
-- 1970 and 12 bytes for each view that counted in it (fingerprint of article and reader, second);
-- number of pieces, pieces (rows.py); and the windows from the longest to the shortest: name,
-- minutes, ...
-- The clock is the log's while the consumer catches up; by it the longest window and all that a
-- recount must find again moves. The others are where they have to be by the real clock, so that
-- what has left them meanwhile is never put in.
-- Answers {1, what is left to do}, or {0, stored offset} when the offset is another than expected, or
-- the rule: the counts are not those that the caller made.
--
-- What comes is queued with the offset, and goes on into the rows as far as the budget allows; the
-- rest does with the next steps. So every view is at any moment in one of both, and Redis is never
-- held for long.
--
-- A row of a minute or of a window is one number, views * READ + readers. A reader stands in the
-- minute of the last counted view of the article, so a window's row is the sum of its minutes; and
-- so are the rows of hours and days. One who has been away for the longest window is a new one.
local prefix, rule, expected, next_offset = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local clock, first_second, real_clock = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local budget, half_life, kept_seconds = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local stored = redis.call('GET', KEYS[1]) or ''
if stored ~= expected or redis.call('HGET', prefix .. ':state', 'rule') ~= rule then
  return {0, stored}
end
if next_offset == '' then return {1, 0} end

local call, floor = redis.call, math.floor
local state, queue = prefix .. ':state', prefix .. ':queue'
local minute_key, hour_key, day_key = prefix .. ':minute:', prefix .. ':hour:', prefix .. ':day:'
local seen_key = prefix .. ':seen'
local real_now = floor(real_clock / 60)

local arg = 11
for _ = 1, tonumber(ARGV[arg]) do
  local hour, records = ARGV[arg + 1], ARGV[arg + 2]
  call('APPEND', seen_key .. ':' .. hour, records)
  call('HINCRBY', seen_key, hour, #records / 12)
  arg = arg + 2
end
arg = arg + 1
for _ = 1, tonumber(ARGV[arg]) do
  arg = arg + 1
  call('RPUSH', queue, ARGV[arg])
end

local windows = {}
for i = arg + 1, #ARGV, 2 do
  local minutes, edge = tonumber(ARGV[i + 1]), tonumber(call('HGET', state, ARGV[i]))
  if not edge then
    edge = (#windows == 0 and floor(first_second / 60) or real_now) - minutes
    call('HSET', state, ARGV[i], edge)
  end
  windows[#windows + 1] = {
    edge = edge, name = ARGV[i], minutes = minutes, key = prefix .. ':count:' .. ARGV[i],
    changes = {},
  }
end
local longest = windows[1]
local told = tonumber(call('HGET', state, 'told')) or 0
if clock > told then call('HSET', state, 'told', clock) end
if next_offset ~= stored or clock > told then call('RPUSH', queue, math.max(clock, told)) end
if next_offset ~= stored then call('SET', KEYS[1], next_offset) end
