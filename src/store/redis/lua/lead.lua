-- lead: takes or renews the right to call in a room. A lapsed lease is a new lead, its last holder's own too, and so is
-- one that another server process knows of: writes that made newer leads may be lost there. // ST49
-- KEYS[1] head: hash of epoch, holder, instance, run, untilMs, heardAtMs, skewMs, format, origin (when and by
-- whom the history was begun) and of what commit keeps there
-- ARGV[1] holder  ARGV[2] instance: differs after a restart  ARGV[3] lease in ms
-- ARGV[4] the highest epoch that the gateway knows of  ARGV[5] format of what this version stores
-- ARGV[6] run id of the server that the gateway is connected to, '' where it cannot know it
-- ARGV[7] origin of the history that the gateway knows, '' none: a history that is begun goes on from that
-- Returns {epoch, now, last heard of or -1}, or {0, ms until another's lease lapses}, or {-1, stored format}.
local leaseMs, known = tonumber(ARGV[3]), tonumber(ARGV[4])
local stored =
  redis.call('HMGET', KEYS[1], 'epoch', 'holder', 'instance', 'untilMs', 'heardAtMs', 'skewMs', 'format', 'run',
    'origin')
if stored[7] and stored[7] ~= ARGV[5] then
  return { -1, tonumber(stored[7]) }
end

local run = ARGV[6]
if run == '' then
  run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

-- The store's clock never steps back, not even onto a machine whose clock is behind.
local time = redis.call('TIME')
local skewMs = tonumber(stored[6] or '0')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000) + skewMs
local heardAtMs = tonumber(stored[5] or '-1')
if nowMs < heardAtMs then
  skewMs = skewMs + heardAtMs - nowMs
  nowMs = heardAtMs
end

local untilMs = math.min(tonumber(stored[4] or '0'), nowMs + leaseMs)
local isHeld = nowMs < untilMs
if isHeld and stored[2] ~= ARGV[1] then
  return { 0, untilMs - nowMs }
end
local epoch = tonumber(stored[1] or '0')
if not isHeld or stored[3] ~= ARGV[2] or stored[8] ~= run or epoch < known then
  epoch = math.max(epoch, known) + 1
end
local origin = stored[9]
if not origin then
  origin = ARGV[7] ~= '' and ARGV[7] or string.format('%.0f', nowMs) .. '-' .. ARGV[2]
end
redis.call('HSET', KEYS[1], 'epoch', epoch, 'holder', ARGV[1], 'instance', ARGV[2],
  'untilMs', string.format('%.0f', nowMs + leaseMs), 'heardAtMs', string.format('%.0f', nowMs),
  'skewMs', string.format('%.0f', skewMs), 'format', ARGV[5], 'run', run, 'origin', origin)
return { epoch, nowMs, heardAtMs }
