-- replace-document: replaces an operators' document if it still is the one that the asker knows, and tells the gateways; a
-- second run says the same.
-- KEYS[1] document
-- ARGV[1] document known, '' there was none  ARGV[2] document to put in its place
-- ARGV[3] channel of the operators  ARGV[4] name of the document
-- Returns 1 replaced, 0 somebody else changed it.
local stored = redis.call('GET', KEYS[1]) or ''
if stored == ARGV[2] then
  return 1
end
if stored ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
-- Who is not told reads it again by itself.
redis.pcall('PUBLISH', ARGV[3], ARGV[4])
return 1
