-- publish-present: replaces the merged snapshot of everybody present.
-- KEYS[1] head  KEYS[2] present
-- ARGV[1] epoch  ARGV[2] revision  ARGV[3] order  ARGV[4] bytes  ARGV[5] instance
-- Returns 1 published, -1 the epoch is over.
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'instance')
if stored[1] ~= ARGV[1] or stored[2] ~= ARGV[5] then
  return -1
end
redis.call('HSET', KEYS[2], 'revision', ARGV[2], 'order', ARGV[3], 'bytes', ARGV[4])
return 1
