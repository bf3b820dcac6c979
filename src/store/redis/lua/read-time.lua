-- read-time: the clock of the server that keeps the keys.
-- KEYS[1] key ring: names the server, is not read
-- Returns epoch milliseconds.
local time = redis.call('TIME')
return time[1] * 1000 + math.floor(time[2] / 1000)
