-- lead: takes or renews the right to call in a room. A lapsed lease is a new lead, its last holder's own too, and so is
-- one that another server process knows of: writes that made newer leads may be lost there. // ST49
-- Nobody leads on a new server process before every gateway that was heard of lately has compared its history with what is
-- stored there, and put back what is missing; for a while. // ST194 On one that was emptied (the asker knows of calling, or
-- the server of a flush) nobody can say who was heard of: every gateway is given as long as its last answer may keep it from
-- asking. // ST231
-- KEYS[1] head: hash of epoch, holder, instance, run, untilMs, heardAtMs, skewMs, format, origin (when and by
-- whom the history was begun), writer (the version that called last), leadTag and sinceMs (the last commit when the lead was new, and since when nobody called
-- then) and of what commit keeps there
-- KEYS[2] presence until: sorted set of gateways by ms  KEYS[3] came: hash of run, sinceMs (when it was first asked for a
-- lead, by the server's own clock), missing (the gateways heard of lately then that have not compared since, * whichever)
-- ARGV[1] holder  ARGV[2] instance: differs after a restart  ARGV[3] lease in ms
-- ARGV[4] the highest epoch that the gateway knows of  ARGV[5] format of what this version stores
-- ARGV[6] run id of the server that the gateway is connected to, '' where it cannot know it
-- ARGV[7] origin of the history that the gateway knows, '' none: a history that is begun goes on from that
-- ARGV[8] what the gateway takes for the time, 0 unknown  ARGV[9] its version of Junban
-- ARGV[10] what the gateway compared the history that it knows with: the server process, and since when it knows the room
-- Returns {epoch, now, last heard of or -1}, or {0, ms until it may be asked again}, or {-1, stored format}, or
-- {-2, 0, what it is: compare with that first}.
local leaseMs, known, gatewayMs = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[8])
local sameMs, believedMs, meltPart = 250, 60000, 100
-- emptiedMs is longer than the lease of a quiet caller (room-lead.ts): nobody is kept from asking for longer.
local comeMs, emptiedMs, askAgainMs = 4000, 2500, 100
local stored =
  redis.call('HMGET', KEYS[1], 'epoch', 'holder', 'instance', 'untilMs', 'heardAtMs', 'skewMs', 'format', 'run',
    'origin', 'tag', 'leadTag', 'sinceMs')
if stored[7] and stored[7] ~= ARGV[5] then
  return { -1, tonumber(stored[7]) }
end

local run = ARGV[6]
if run == '' then
  run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

-- As read-time has it: never back, and on another server on with what gateways know.
local time = redis.call('TIME')
local serverMs = time[1] * 1000 + math.floor(time[2] / 1000)
local heardAtMs, skewMs = tonumber(stored[5] or '-1'), tonumber(stored[6] or '0')
local nowMs = serverMs + skewMs
local apartMs = math.abs(gatewayMs - nowMs)
if gatewayMs > 0 and stored[8] ~= run and apartMs > sameMs and apartMs <= believedMs then
  nowMs = gatewayMs
elseif heardAtMs > 0 and nowMs > heardAtMs then
  local meltMs = math.min(math.abs(skewMs), math.floor((nowMs - heardAtMs) / meltPart))
  nowMs = skewMs > 0 and nowMs - meltMs or nowMs + meltMs
end
nowMs = math.max(nowMs, heardAtMs)

local came = redis.call('HMGET', KEYS[3], 'run', 'sinceMs', 'missing')
local sinceMs, missing = tonumber(came[2]), came[3]
if came[1] ~= run then
  sinceMs, missing = serverMs, table.concat(redis.call('ZRANGEBYSCORE', KEYS[2], nowMs, '+inf'), ' ')
  if not came[1] and not stored[8]
    and (known > 0 or string.match(redis.call('INFO', 'commandstats'), 'cmdstat_flush')) then
    missing = '*'
  end
end
local since = run .. ' ' .. string.format('%.0f', sinceMs)
local hasCompared = ARGV[7] == '' or ARGV[10] == since
if missing ~= '' then
  local waitMs = missing == '*' and emptiedMs or comeMs
  local others = {}
  for gateway in string.gmatch(missing, '%S+') do
    if gateway ~= ARGV[2] or not hasCompared then
      others[#others + 1] = gateway
    end
  end
  missing = serverMs - sinceMs < waitMs and table.concat(others, ' ') or ''
end
if came[1] ~= run or missing ~= came[3] then
  redis.call('HSET', KEYS[3], 'run', run, 'sinceMs', string.format('%.0f', sinceMs), 'missing', missing)
end
if not hasCompared then
  return { -2, 0, since }
end
if missing ~= '' then
  return { 0, askAgainMs }
end

local untilMs = math.min(tonumber(stored[4] or '0'), nowMs + leaseMs)
local isHeld = nowMs < untilMs
if isHeld and stored[2] ~= ARGV[1] then
  return { 0, untilMs - nowMs }
end
-- Whoever had the lead and committed nothing has not called. // LN80
local tag, leadTag, leadSinceMs = stored[10] or '', stored[11], tonumber(stored[12] or '-1')
local callerSinceMs = leadTag == tag and leadSinceMs >= 0 and leadSinceMs or heardAtMs
local epoch = tonumber(stored[1] or '0')
if not isHeld or stored[3] ~= ARGV[2] or stored[8] ~= run or epoch < known then
  epoch = math.max(epoch, known) + 1
  leadTag, leadSinceMs = tag, callerSinceMs
end
local origin = stored[9]
if not origin then
  origin = ARGV[7] ~= '' and ARGV[7] or string.format('%.0f', nowMs) .. '-' .. ARGV[2]
end
redis.call('HSET', KEYS[1], 'epoch', epoch, 'holder', ARGV[1], 'instance', ARGV[2],
  'untilMs', string.format('%.0f', nowMs + leaseMs), 'heardAtMs', string.format('%.0f', nowMs),
  'skewMs', string.format('%.0f', nowMs - serverMs), 'format', ARGV[5], 'run', run, 'origin', origin, 'writer', ARGV[9],
  'leadTag', leadTag or '', 'sinceMs', string.format('%.0f', leadSinceMs))
return { epoch, nowMs, callerSinceMs }
