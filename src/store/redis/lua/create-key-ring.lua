-- create-key-ring: the key document that is stored; the given one if there was none.
-- KEYS[1] key ring
-- ARGV[1] document, '' only reads
-- Returns the document, '' if there is none.
if ARGV[1] ~= '' then
  redis.call('SET', KEYS[1], ARGV[1], 'NX')
end
return redis.call('GET', KEYS[1]) or ''
