"""What the server does at one go, in its own language. Each takes the names of four keys first.

They are: when results expire (a sorted set, in ms of the server's clock), how large they are (a
hash, with the sum under ``held``), when they were fetched (a sorted set, in microseconds), and who
holds them (a hash, with the holder of each under ``of:`` and its name, and with the sum of each
holder under ``held:`` and the holder). ARGV[1] is what the names of results begin with among the
keys, ARGV[2] a result.
"""

from bounds import TIMES_WHAT_IS_FREE

# What a server without memory allows comes first: after it, it allows the rest of a script too.
_LET_GO = """
local expiries, sizes, fetched, holders = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local function let_go(name)
  redis.call('DEL', ARGV[1] .. name)
  redis.call('ZREM', expiries, name)
  redis.call('ZREM', fetched, name)
  local size = redis.call('HGET', sizes, name)
  if size then
    redis.call('HDEL', sizes, name)
    redis.call('HINCRBY', sizes, 'held', -size)
  end
  local holder = redis.call('HGET', holders, 'of:' .. name)
  if holder then
    redis.call('HDEL', holders, 'of:' .. name)
    if redis.call('HINCRBY', holders, 'held:' .. holder, -(size or 0)) <= 0 then
      redis.call('HDEL', holders, 'held:' .. holder)
    end
  end
end
"""

# As `SharedBytes.is_fair` has it, with what was fetched gone as far as it has to be.
_FIND_ROOM = (
    _LET_GO
    + f"""
local times_what_is_free = {TIMES_WHAT_IS_FREE}
"""
    + """
local holder, size, budget = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
for _, name in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', now_ms)) do
  let_go(name)
end
local held = tonumber(redis.call('HGET', sizes, 'held') or '0')
local own = tonumber(redis.call('HGET', holders, 'held:' .. holder) or '0')
local left, own_left, going = held, own, {}
local function fits()
  return own_left + size <= times_what_is_free * (budget - left - size)
end
if not fits() then
  for _, name in ipairs(redis.call('ZRANGE', fetched, 0, -1)) do
    local bytes = tonumber(redis.call('HGET', sizes, name) or '0')
    left = left - bytes
    if redis.call('HGET', holders, 'of:' .. name) == holder then own_left = own_left - bytes end
    table.insert(going, name)
    if fits() then break end
  end
end
if not fits() then
  for _, name in ipairs(redis.call('ZRANGE', expiries, 0, -1)) do
    if not redis.call('ZSCORE', fetched, name) then
      return {0, held, redis.call('ZSCORE', expiries, name) - now_ms}
    end
  end
  return {0, held, tonumber(ARGV[6])}
end
"""
)

EXPECT = (
    _FIND_ROOM
    + """
return {1, held, 0}
"""
)
"""ARGV[3] a holder, ARGV[4] the bytes it may need, ARGV[5] the bytes of all, ARGV[6] the time of
results in ms. Returns 1 where there is room for them, else 0, the bytes that are held, and the ms
until the next result expires that was not fetched."""

# Nothing that was fetched goes unless it makes room enough.
RESERVE = (
    _FIND_ROOM
    + """
local ttl_ms = tonumber(ARGV[6])
for _, name in ipairs(going) do let_go(name) end
redis.call('SET', ARGV[1] .. ARGV[2], '', 'PX', ttl_ms)
redis.call('ZADD', expiries, now_ms + ttl_ms, ARGV[2])
redis.call('HSET', sizes, ARGV[2], size)
redis.call('HSET', holders, 'of:' .. ARGV[2], holder)
redis.call('HINCRBY', holders, 'held:' .. holder, size)
held = redis.call('HINCRBY', sizes, 'held', size)
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < ttl_ms then redis.call('PEXPIRE', key, ttl_ms) end
end
return {1, held, 0}
"""
)
"""Takes and returns what `EXPECT` does, for the result ARGV[2] and its bytes."""

APPEND = """
local key = ARGV[1] .. ARGV[2]
if redis.call('EXISTS', key) == 0 then return 0 end
redis.call('APPEND', key, ARGV[3])
return 1
"""
"""ARGV[3] the next bytes. Returns 0 where the result is gone, which must not begin anew."""

NOTE_FETCHED = (
    _LET_GO
    + """
if redis.call('HEXISTS', sizes, ARGV[2]) == 1 then
  redis.call('ZADD', fetched, time[1] * 1000000 + time[2], ARGV[2])
  local ttl_ms = redis.call('PTTL', sizes)
  if redis.call('PTTL', fetched) < ttl_ms then redis.call('PEXPIRE', fetched, ttl_ms) end
end
"""
)

DROP = (
    _LET_GO
    + """
let_go(ARGV[2])
"""
)
