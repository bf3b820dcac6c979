-- exchange-presence: renews what a gateway says about who is present with it, and tells it what all say: the merged snapshot,
-- and to the caller what the gateways say whose lease runs, merged here: what it reads does not grow with their number. // ST210
-- KEYS[1] presence: hash of gateway -> "revision order bytes"  KEYS[2] presence until: sorted set of gateways by ms
-- KEYS[3] present: hash of revision, order, bytes  KEYS[4] head: the clock of the room
-- KEYS[5] merging  KEYS[6] merging part: gone when this ends, and neither in the log nor at replicas
-- ARGV[1] gateway  ARGV[2] lease in ms  ARGV[3] 1: replace, 0: what is stored still holds, -1: says nothing
-- ARGV[4] revision  ARGV[5] order  ARGV[6] bytes  ARGV[7] revision of the merged snapshot that the gateway has
-- ARGV[8] how many gateways at most, 0 none  ARGV[9] digest of what the asker collected last, '' nothing
-- Returns {1 held or 0 unknown: upload the bytes, revision of the merged snapshot, its order, its bytes or '' if known,
-- how many gateways, digest of what they say, unless it is ARGV[9]: order, bytes, ...}, one bitmap an order and beside it what
-- cannot be merged, or is in too many runs to be merged here, as it was said; lets go of gateways whose lease is over.
local time, head = redis.call('TIME'), redis.call('HMGET', KEYS[4], 'skewMs', 'heardAtMs')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(head[1] or '0')
nowMs = math.max(nowMs, tonumber(head[2] or '0'))
local code = 1
if ARGV[3] == '1' then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[6])
elseif ARGV[3] == '0' then
  -- A failover may have left an older word of the gateway.
  local stored = redis.call('HGET', KEYS[1], ARGV[1])
  code = stored and string.match(stored, '^%S*') == ARGV[4] and 1 or 0
end
if code == 1 and ARGV[3] ~= '-1' then
  redis.call('ZADD', KEYS[2], string.format('%.0f', nowMs + tonumber(ARGV[2])), ARGV[1])
end
local merged = redis.call('HMGET', KEYS[3], 'revision', 'order')
local bytes = ''
if merged[1] and merged[1] ~= ARGV[7] then
  bytes = redis.call('HGET', KEYS[3], 'bytes')
end
local reply = { code, merged[1] or '', merged[2] or '0', bytes }
if ARGV[8] == '0' then
  return reply
end

for _, gateway in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', nowMs, 'LIMIT', 0, ARGV[8])) do
  redis.call('HDEL', KEYS[1], gateway)
  redis.call('ZREM', KEYS[2], gateway)
end
local saidIn, revisions = {}, {}
for _, gateway in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], nowMs, '+inf', 'LIMIT', 0, ARGV[8])) do
  local stored = redis.call('HGET', KEYS[1], gateway)
  local revision, order, from = string.match(stored or '', '^(%S+) (%d+) ()')
  if revision then
    revisions[#revisions + 1] = gateway .. ' ' .. revision
    saidIn[order] = saidIn[order] or {}
    table.insert(saidIn[order], string.sub(stored, from))
  end
end
table.sort(revisions)
reply[5], reply[6] = #revisions, redis.sha1hex(table.concat(revisions, '\n'))
if reply[6] == ARGV[9] then
  return reply
end

-- None takes another's share: of two versions that write runs another way, one may be too much work. // ST215
local runsMax = math.floor(runsTogetherMax / math.max(#revisions, 1))
for order, texts in pairs(saidIn) do
  local read, lowest = {}, math.huge
  for _, text in ipairs(texts) do
    local isRead, said = pcall(readBitmap, text, runsMax)
    if isRead then
      read[#read + 1] = said
      lowest = math.min(lowest, said.first)
    else
      reply[#reply + 1], reply[#reply + 2] = order, text
    end
  end
  -- What lies so far from the others that no bitmap holds both is told beside them. // ST167
  local readable = {}
  for _, said in ipairs(read) do
    if said.last - lowest <= windowWordsMax / 2 then
      readable[#readable + 1] = said
    else
      reply[#reply + 1], reply[#reply + 2] = order, said.text
    end
  end
  if #readable > 0 then
    local all = #readable == 1 and readable[1].text or mergeBitmaps(readable, KEYS[5], KEYS[6])
    reply[#reply + 1], reply[#reply + 2] = order, all
  end
end
return reply
