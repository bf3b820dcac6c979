-- forget-room: deletes all that is stored of a room.
-- KEYS[1...] keys of the room
-- Returns how many there were.
return redis.call('DEL', unpack(KEYS))
