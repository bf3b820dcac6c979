-- read-history: what a room's history has after a version, or all of it with its snapshot.
-- KEYS[1] head  KEYS[2] changes  KEYS[3] snapshot  KEYS[4] numbers
-- ARGV[1] version to read after, -1 reads all  ARGV[2] tag of the change before it, '' unknown
-- ARGV[3] run id of the server that the gateway is connected to, '' where it cannot know it
-- Returns {code, base, base tag, version, tag, epoch, next number, format, origin, writer, snapshot or '', 1 where somebody
-- called since this server process has the room, else 0, entries...};
-- the code is
-- 1 read, 0 the history does not reach back so far, -1 it is not the history that the asker knows.
local after, known = tonumber(ARGV[1]), ARGV[2]
local stored = redis.call('HMGET', KEYS[1], 'base', 'baseTag', 'tag', 'epoch', 'format', 'origin', 'writer', 'run')
local base = tonumber(stored[1] or '0')
local baseTag = stored[2] or ''
local version = base + redis.call('LLEN', KEYS[2])
local numbersNext = redis.call('HGET', KEYS[4], 'next') or '0'
local run = ARGV[3]
if run == '' then
  run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end
local reply = { 1, base, baseTag, version, stored[3] or '', tonumber(stored[4] or '0'), numbersNext, stored[5] or '',
  stored[6] or '', stored[7] or '', '', stored[8] == run and 1 or 0 }

if after < 0 then
  reply[11] = redis.call('GET', KEYS[3]) or ''
  after = base
elseif after > version then
  reply[1] = -1
elseif after < base then
  reply[1] = 0
elseif known ~= '' then
  local tag = baseTag
  if after > base then
    tag = string.match(redis.call('LINDEX', KEYS[2], after - base - 1), '^%S*')
  end
  if tag ~= known then
    reply[1] = -1
  end
end
if reply[1] == 1 and after < version then
  for _, entry in ipairs(redis.call('LRANGE', KEYS[2], after - base, -1)) do
    reply[#reply + 1] = entry
  end
end
return reply
