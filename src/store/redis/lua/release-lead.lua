-- release-lead: gives the right to call back, so that another gateway need not wait for the lease to lapse.
-- KEYS[1] head
-- ARGV[1] instance  ARGV[2] channel of the room
-- Returns 1 if this instance had it, else 0.
if redis.call('HGET', KEYS[1], 'instance') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'untilMs', '0')
redis.call('PUBLISH', ARGV[2], '{"kind":"released"}')
return 1
