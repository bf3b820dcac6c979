-- append-record: appends a record to an operators' log and lets go of the oldest; a second run right after changes nothing.
-- KEYS[1] log  KEYS[2] how many records were let go of
-- ARGV[1] record  ARGV[2] how many are kept
-- Returns how many records were ever appended.
local base = tonumber(redis.call('GET', KEYS[2]) or '0')
if redis.call('LINDEX', KEYS[1], -1) == ARGV[1] then
  return base + redis.call('LLEN', KEYS[1])
end
local length = redis.call('RPUSH', KEYS[1], ARGV[1])
local excess = length - tonumber(ARGV[2])
if excess > 0 then
  redis.call('LTRIM', KEYS[1], excess, -1)
  redis.call('SET', KEYS[2], base + excess)
end
return base + length
