-- read-time: the clock on which all gateways agree. It never steps back, and where another server answers than before it
-- goes on with the time that gateways know; what servers are apart melts away, a hundredth of the time that passes.
-- KEYS[1] clock: hash of heardAtMs, skewMs, run, runAtMs (when, by the server's own clock, its process was first seen)
-- ARGV[1] what the asking gateway takes for the time, 0 unknown  ARGV[2] run id of the server, '' where it cannot know it
-- Returns epoch milliseconds.
local known, run = tonumber(ARGV[1]), ARGV[2]
local sameMs, believedMs, askedMs, meltPart = 250, 60000, 30000, 100
if run == '' then
  run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end
local time = redis.call('TIME')
local serverMs = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'heardAtMs', 'skewMs', 'run', 'runAtMs')
local heardAtMs, skewMs = tonumber(stored[1] or '0'), tonumber(stored[2] or '0')
local isOther = stored[3] ~= run
local runAtMs = isOther and serverMs or tonumber(stored[4])

local nowMs = serverMs + skewMs
local apartMs = known - nowMs
local isApart = apartMs > sameMs or (isOther and apartMs < -sameMs)
if known > 0 and isApart and math.abs(apartMs) <= believedMs and serverMs - runAtMs <= askedMs then
  nowMs = known
elseif heardAtMs > 0 and nowMs > heardAtMs then
  local meltMs = math.min(math.abs(skewMs), math.floor((nowMs - heardAtMs) / meltPart))
  nowMs = skewMs > 0 and nowMs - meltMs or nowMs + meltMs
end
nowMs = math.max(nowMs, heardAtMs)
redis.call('HSET', KEYS[1], 'heardAtMs', string.format('%.0f', nowMs), 'skewMs',
  string.format('%.0f', nowMs - serverMs), 'run', run, 'runAtMs', string.format('%.0f', runAtMs))
return nowMs
