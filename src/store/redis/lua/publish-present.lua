-- publish-present: replaces the merged snapshot of everybody present.
-- KEYS[1] head  KEYS[2] present
-- ARGV[1] epoch  ARGV[2] revision  ARGV[3] order  ARGV[4] bytes
-- Returns 1 published, -1 the epoch is over.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return -1
end
redis.call('HSET', KEYS[2], 'revision', ARGV[2], 'order', ARGV[3], 'bytes', ARGV[4])
return 1
