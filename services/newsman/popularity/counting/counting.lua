-- Last part of one script in four files (arguments.lua, folding.lua, advancing.lua, counting.lua),
-- which are joined in this order and share their locals: takes what a run of one partition adds, moves
-- its offset, and works at its rows, in one step.
-- Answers {1, what is left to do}, or {0, stored offset} when the offset is another than expected, or
-- the rule: the counts are not those that the caller made.
--
-- What comes is queued with the offset, and goes on into the rows as far as the budget allows; the
-- rest does with the next steps. So every view is at any moment in one of both, and Redis is never
-- held for long.
--
-- A row of a minute or of a window (a sorted set, `:count:24h`) is one number, views * READ + readers.
-- A reader stands in the minute of the last counted view of the article, so a window's row is the sum
-- of its minutes; and so are the rows of hours and days. One who has been away for the longest window
-- is a new one.
--
-- The clock is the log's while the consumer catches up; by it the longest window and all that a
-- recount must find again moves. The others are where they have to be by the real clock, so that
-- what has left them meanwhile is never put in.
local stored, stored_second = call('GET', KEYS[1]) or '', call('HGET', state, 'second') or ''
if stored ~= expected or stored_second ~= expected_second then return {0, stored} end
if call('HGET', state, 'rule') ~= rule then return {0, stored} end
if next_offset == '' and next_second == '' then return {1, 0} end
local moves = next_offset ~= stored or next_second ~= stored_second

-- What counts is kept together with the offset.
for _, seen in ipairs(journal) do
  call('APPEND', seen_key .. ':' .. seen.hour, seen.records)
  call('HINCRBY', seen_key, seen.hour, #seen.records / 12)
end
for _, piece in ipairs(pieces) do call('RPUSH', queue, piece) end
open_windows()
local told = tonumber(call('HGET', state, 'told')) or 0
if clock > told then call('HSET', state, 'told', clock) end
if moves or clock > told then call('RPUSH', queue, math.max(clock, told)) end
if next_offset ~= stored then call('SET', KEYS[1], next_offset) end
if next_second ~= stored_second then call('HSET', state, 'second', next_second) end

-- Pieces go into the rows. A second of the log's clock ends the pieces of each run: only then, and
-- when nothing waits, are the windows moved on.
local done
repeat
  local entry = call('LINDEX', queue, 0)
  if not entry then
    done = move_shorter()
    break
  end
  entry = cjson.decode(entry)
  if type(entry) == 'table' then
    done = budget > 0
    if done then add(entry) end
  else
    done = move_shorter() and move_to(entry)
  end
  if done then call('LPOP', queue) end
until not done
local more = call('LLEN', queue) + (done and 0 or 1)

-- The rows of the windows are written once for all that has gone in.
for _, w in ipairs(windows) do add_to_window(w) end
add_to_window(ever)
if newest ~= newest_before then call('HSET', state, 'newest', newest) end
return {1, more}
