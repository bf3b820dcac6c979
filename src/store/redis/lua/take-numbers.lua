-- take-numbers: hands out numbers in a row, higher than every number handed out before. When the server lost writes, or
-- may have lost some (it is another process than the last time), it goes on far behind whatever was lost.
-- KEYS[1] numbers: hash of next, run
-- ARGV[1] count, 0 only tells the next number
-- ARGV[2] floor: every number that the asking gateway ever heard of is lower
-- ARGV[3] run id of the server that the gateway is connected to, '' where it cannot know it
-- ARGV[4] skip: more numbers than a server can lose
-- Returns the first number.
local count, floor, run, skip = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
if run == '' then
  run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

local stored = redis.call('HMGET', KEYS[1], 'next', 'run')
local first = tonumber(stored[1] or '0')
local mayBeLost = first < floor or (first > 0 and stored[2] ~= run)
if mayBeLost then
  first = math.max(first, floor) + skip
end
if mayBeLost or count > 0 then
  redis.call('HSET', KEYS[1], 'next', string.format('%.0f', first + count), 'run', run)
end
return first
