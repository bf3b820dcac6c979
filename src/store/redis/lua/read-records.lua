-- read-records: the newest records of an operators' log, or those before a position.
-- KEYS[1] log  KEYS[2] how many records were let go of
-- ARGV[1] only positions below this one, -1 all  ARGV[2] how many at most
-- Returns {position of the first record given, record, ...}, oldest first.
local base = tonumber(redis.call('GET', KEYS[2]) or '0')
local past = base + redis.call('LLEN', KEYS[1])
local before = tonumber(ARGV[1])
if before >= 0 and before < past then
  past = before
end
local first = math.max(base, past - tonumber(ARGV[2]))
if past <= first then
  return {first}
end
local reply = redis.call('LRANGE', KEYS[1], first - base, past - base - 1)
table.insert(reply, 1, first)
return reply
