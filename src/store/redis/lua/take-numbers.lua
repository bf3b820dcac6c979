-- take-numbers: hands out numbers in a row, higher than every number handed out before. When the server lost writes, or
-- may have lost some (it is another process than the last time), it goes on far behind whatever was lost: each process by
-- one of eight ways, so that of two that lost the same the second seldom gives what the first gave; less far apart where
-- a draw has to run over what is skipped. // ST251
-- KEYS[1] numbers: hash of next, run
-- ARGV[1] count, 0 only tells the next number
-- ARGV[2] floor: every number that the asking gateway ever heard of is lower
-- ARGV[3] run id of the server that the gateway is connected to, '' where it cannot know it
-- ARGV[4] skip: more numbers than a server can lose
-- ARGV[5] 1: the room may have gaps in its numbers. Where the server was emptied since it started, an empty counter begins
-- above what an earlier line handed out; how far above is bounded by the window of places that a gateway holds
-- Returns the first number.
local count, floor, run, skip = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
if run == '' then
  run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

local stored = redis.call('HMGET', KEYS[1], 'next', 'run')
local first, flushes = tonumber(stored[1] or '0'), 0
-- Whoever asked before, be it only how many there are, left word of it. // ST233
local mayBeLost = first < floor or (stored[1] and stored[2] ~= run)
if not stored[1] then
  for calls in string.gmatch(redis.call('INFO', 'commandstats'), 'cmdstat_flush%l+:calls=(%d+)') do
    flushes = flushes + tonumber(calls)
  end
end
if mayBeLost then
  local way = tonumber(string.sub(redis.sha1hex(run), 1, 4), 16) % 8
  first = math.max(first, floor) + skip + way * (ARGV[5] == '1' and skip or skip / 16)
elseif count > 0 and flushes > 0 and ARGV[5] == '1' then
  -- Somebody who knew the numbers may be cut off: it begins behind sixteen losses, and after the next flush elsewhere. // ST193
  first = 16 * skip * (1 + (flushes - 1) % 4)
end
if mayBeLost or count > 0 or (not stored[1] and flushes == 0) then
  redis.call('HSET', KEYS[1], 'next', string.format('%.0f', first + count), 'run', run)
end
return first
