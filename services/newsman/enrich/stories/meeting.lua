-- What is known of the articles that meet one in most places.
-- KEYS: the places, sorted sets of articles by their moment (ARGV[1] of them), then the hashes of each band,
-- one of each week that is kept, the newest first.
-- ARGV: the number of places, the article's id, the moment since when places count, how many articles of a
-- place or band count, how many are answered at most, the beginning of an article's key; the fields of the bands.
local places, own, since = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local newest, most, article = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local FIELDS, WIDTH = 6, 16
local bands = #ARGV - FIELDS
local weeks = (#KEYS - places) / math.max(bands, 1)
local met, order = {}, {}

local function meets(members)
  local seen = {[own] = true}
  for _, member in ipairs(members) do
    if not seen[member] then
      seen[member] = true
      if not met[member] then
        order[#order + 1] = member
        met[member] = 0
      end
      met[member] = met[member] + 1
    end
  end
end

for band = 1, bands do
  local members = {}
  for week = 1, weeks do
    local ids = redis.call('HGET', KEYS[places + (band - 1) * weeks + week], ARGV[FIELDS + band]) or ''
    for at = 1, #ids, WIDTH do
      if #members < newest then members[#members + 1] = ids:sub(at, at + WIDTH - 1) end
    end
  end
  meets(members)
end
for n = 1, places do
  meets(redis.call('ZREVRANGEBYSCORE', KEYS[n], '+inf', since, 'LIMIT', 0, newest))
end

local first = {}
for n, member in ipairs(order) do first[member] = n end
table.sort(order, function(one, other)
  if met[one] ~= met[other] then return met[one] > met[other] end
  return first[one] < first[other]
end)
local known = {}
for _, member in ipairs(order) do
  if #known == most then break end
  known[#known + 1] = redis.call('HGET', article .. member, 'known') or nil
end
return known
