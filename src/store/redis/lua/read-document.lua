-- read-document: a document that is stored as a whole: the key ring, or one of the operators'.
-- KEYS[1] document
-- Returns it, '' if there is none.
return redis.call('GET', KEYS[1]) or ''
