-- Calls a function with pieces of a list: a command takes some thousand arguments at the most.
local function in_pieces(list, call)
  for first = 1, #list, 1000 do call({unpack(list, first, math.min(first + 999, #list))}) end
end
