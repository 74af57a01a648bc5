-- The lowest score in some sorted sets as text, '-1' where all are empty.
local function earliest(sets)
  local lowest = -1
  for _, set in ipairs(sets) do
    local first = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')
    local score = first[2] and tonumber(first[2]) or -1
    if score >= 0 and (lowest < 0 or score < lowest) then lowest = score end
  end
  return string.format('%d', lowest)
end
