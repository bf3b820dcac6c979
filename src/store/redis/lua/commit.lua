-- commit: appends changes to a room's history and tells the followers; all of them or none; a second run changes nothing.
-- KEYS[1] head: its base is how many changes the snapshot stands for, its tag names the last commit
-- KEYS[2] changes: list of "tag body", in order
-- ARGV[1] epoch  ARGV[2] how many changes the history has  ARGV[3] tag of its last commit, '' unknown
-- ARGV[4] tag of this commit  ARGV[5] channel of the room  ARGV[6] instance: where leads were lost, an epoch can have been
-- given to two, and the later one has it  ARGV[7...] bodies
-- Returns 1 committed, -1 the epoch is over, -2 the history is elsewhere.
local tag, firstBody, batchMax = ARGV[4], 7, 500
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'base', 'tag', 'instance')
if stored[3] == tag then
  return 1
end
if stored[1] ~= ARGV[1] or stored[4] ~= ARGV[6] then
  return -1
end
local version = tonumber(stored[2] or '0') + redis.call('LLEN', KEYS[2])
local last = stored[3] or ''
if version ~= tonumber(ARGV[2]) or (ARGV[3] ~= '' and ARGV[3] ~= last) then
  return -2
end

for start = firstBody, #ARGV, batchMax do
  local entries = {}
  for index = start, math.min(start + batchMax - 1, #ARGV) do
    entries[#entries + 1] = tag .. ' ' .. ARGV[index]
  end
  redis.call('RPUSH', KEYS[2], unpack(entries))
end
redis.call('HSET', KEYS[1], 'tag', tag)
-- Followers who are not told read it by themselves: what stands in the history is committed. // ST124
redis.pcall('PUBLISH', ARGV[5], '{"kind":"changes","from":' .. ARGV[2] .. ',"previous":"' .. last .. '","tag":"' .. tag
  .. '","changes":[' .. table.concat(ARGV, ',', firstBody) .. ']}')
return 1
