-- restore-history: puts back what the store lost of a room's history and a gateway still knows.
-- KEYS[1] head  KEYS[2] changes  KEYS[3] snapshot
-- ARGV[1] version and ARGV[2] tag that the store is left with: a prefix of what is put back,
-- or a history that was begun later, where everything was lost
-- ARGV[3] the highest epoch known  ARGV[4] format  ARGV[5] base  ARGV[6] base tag  ARGV[7] tag of the last commit
-- ARGV[8] bytes of the snapshot  ARGV[9] origin  ARGV[10...] entries after it
-- Returns 1 restored, 0 the store moved on meanwhile.
local firstEntry, batchMax = 10, 500
local stored = redis.call('HMGET', KEYS[1], 'base', 'tag', 'epoch', 'origin')
local version = tonumber(stored[1] or '0') + redis.call('LLEN', KEYS[2])
if version ~= tonumber(ARGV[1]) or (stored[2] or '') ~= ARGV[2] then
  return 0
end
redis.call('DEL', KEYS[2])
for start = firstEntry, #ARGV, batchMax do
  redis.call('RPUSH', KEYS[2], unpack(ARGV, start, math.min(start + batchMax - 1, #ARGV)))
end
if ARGV[5] ~= '0' then
  redis.call('SET', KEYS[3], ARGV[8])
else
  redis.call('DEL', KEYS[3])
end
if ARGV[9] ~= '' then
  redis.call('HSET', KEYS[1], 'origin', ARGV[9])
end
local epoch = math.max(tonumber(stored[3] or '0'), tonumber(ARGV[3]))
-- Whoever calls on the history that was begun later would go on with that on this one, where both are as long. // ST289
if stored[4] and stored[4] ~= ARGV[9] then
  epoch = epoch + 1
end
redis.call('HSET', KEYS[1], 'base', ARGV[5], 'baseTag', ARGV[6], 'tag', ARGV[7], 'epoch', epoch, 'format', ARGV[4])
return 1
