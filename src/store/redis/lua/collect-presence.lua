-- collect-presence: what the gateways whose lease runs say about who is present, as far as the asker does not know it.
-- KEYS[1] presence  KEYS[2] presence until  KEYS[3] head: the clock of the room
-- ARGV[1] how many gateways at most  ARGV[2...] "gateway revision" that the asker has
-- Returns {gateway, stored text or '' if known, ...} of every gateway whose lease runs; lets go of the others.
local time, head = redis.call('TIME'), redis.call('HMGET', KEYS[3], 'skewMs', 'heardAtMs')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(head[1] or '0')
nowMs = math.max(nowMs, tonumber(head[2] or '0'))
for _, gateway in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', nowMs, 'LIMIT', 0, ARGV[1])) do
  redis.call('HDEL', KEYS[1], gateway)
  redis.call('ZREM', KEYS[2], gateway)
end
local known = {}
for index = 2, #ARGV do
  known[ARGV[index]] = true
end
local reply = {}
for _, gateway in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], nowMs, '+inf', 'LIMIT', 0, ARGV[1])) do
  local stored = redis.call('HGET', KEYS[1], gateway)
  if stored then
    local revision = string.match(stored, '^%S*')
    reply[#reply + 1] = gateway
    reply[#reply + 1] = known[gateway .. ' ' .. revision] and '' or stored
  end
end
return reply
