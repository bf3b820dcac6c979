-- replace-document: replaces an operators' document if it still is the one that the asker knows; a second run says the same.
-- KEYS[1] document
-- ARGV[1] document known, '' there was none  ARGV[2] document to put in its place
-- Returns 1 replaced, 0 somebody else changed it.
local stored = redis.call('GET', KEYS[1]) or ''
if stored == ARGV[2] then
  return 1
end
if stored ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
