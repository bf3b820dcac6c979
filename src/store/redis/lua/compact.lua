-- compact: replaces the first changes of a room's history by a snapshot.
-- KEYS[1] head  KEYS[2] changes  KEYS[3] snapshot
-- ARGV[1] epoch  ARGV[2] how many changes the snapshot stands for  ARGV[3] bytes of the snapshot  ARGV[4] instance
-- Returns 1 replaced, 0 nothing done: the epoch is over, a later snapshot is there, or the history is shorter.
local version = tonumber(ARGV[2])
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'base', 'instance')
local base = tonumber(stored[2] or '0')
if stored[1] ~= ARGV[1] or stored[3] ~= ARGV[4] or version <= base then
  return 0
end
local last = redis.call('LINDEX', KEYS[2], version - base - 1)
if not last then
  return 0
end
redis.call('SET', KEYS[3], ARGV[3])
redis.call('LTRIM', KEYS[2], version - base, -1)
redis.call('HSET', KEYS[1], 'base', ARGV[2], 'baseTag', string.match(last, '^%S*'))
return 1
