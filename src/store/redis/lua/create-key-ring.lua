-- create-key-ring: the key document that is stored; the given one if there was none.
-- KEYS[1] key ring
-- ARGV[1] document
-- Returns the document that is stored.
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
