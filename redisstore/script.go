package redisstore

// commitScript commits a step: it looks whether the record still has the
// version that was decided upon and then carries out what Go has spelled out,
// so that nothing is decided twice in two languages.
//
//	KEYS[1]  the record; the others are named by their number in operations
//	ARGV[1]  the version decided upon; empty: the record is absent
//	ARGV[2]  the new version, and behind it the new record, if there is one
//	ARGV[3]  1 if the command was sent before and the answer got lost, else 0
//	ARGV[4]  what becomes of the record: set, delete, keep
//	ARGV[5…] operations, each a letter, the number of a key, arguments; none if
//	         the record is set and nothing else changes, as at most steps
//
// It answers 1 if all is committed, 2 if an earlier sending may or may not have
// been, or else with the record as it is, version in front, empty if it is
// absent.
//
// Redis does not undo what a script has done before an error. So nothing
// here can fail on keys of this package, and memory is short, or the disk
// full, at the first write or not at all. Redis asks for memory at the first
// write only, and not even there if that is one that takes none, such as ZREM:
// so what may grow begins with an operation that writes nothing and needs memory
// all the same. The record comes after what points to it, and totals, which are
// not absolute, last.
const commitScript = `
local seen = redis.call('GETRANGE', KEYS[1], 0, 7)
local again = ARGV[3] ~= '0'
local becomes = ARGV[4]
if seen ~= ARGV[1] then
  if seen ~= '' and seen == string.sub(ARGV[2], 1, 8) then return 1 end
  if again then return 2 end
  return redis.call('GET', KEYS[1]) or ''
end
if again and becomes == 'keep' then return 2 end
local i, n = 5, #ARGV
if n == 4 and becomes == 'set' then
  redis.call('SET', KEYS[1], ARGV[2])
  return 1
end
while i <= n do
  local op, key = ARGV[i], KEYS[tonumber(ARGV[i + 1])]
  if op == 'p' then
    redis.call('SETRANGE', key, 0, '')
    i = i + 2
  elseif op == 'a' then
    redis.call('ZADD', key, 0, ARGV[i + 2])
    i = i + 3
  elseif op == 'x' then
    redis.call('ZREMRANGEBYLEX', key, ARGV[i + 2], ARGV[i + 3])
    i = i + 4
  elseif op == 'n' then
    redis.call('ZREMRANGEBYRANK', key, 0, ARGV[i + 2])
    i = i + 3
  elseif op == 'r' then
    redis.call('ZREM', key, ARGV[i + 2])
    i = i + 3
  elseif op == 'd' then
    redis.call('DEL', key)
    i = i + 2
  elseif op == 'w' then
    if becomes == 'set' then
      redis.call('SET', key, ARGV[2])
    elseif becomes == 'delete' then
      redis.call('DEL', key)
    end
    i = i + 2
  elseif op == 'm' then
    local seen = tonumber(redis.call('HGET', key, ARGV[i + 2]))
    if not seen or seen < tonumber(ARGV[i + 3]) then
      redis.call('HSET', key, ARGV[i + 2], ARGV[i + 3])
    end
    i = i + 4
  else
    local sum = redis.pcall('HINCRBY', key, ARGV[i + 2], ARGV[i + 3])
    if type(sum) == 'table' then
      if not string.find(sum.err, 'overflow', 1, true) then return sum end
      local last = string.sub(ARGV[i + 3], 1, 1) == '-' and '-9223372036854775808' or '9223372036854775807'
      redis.call('HSET', key, ARGV[i + 2], last)
    end
    i = i + 4
  end
end
return 1
`

// clockScript asks one server for its time.
const clockScript = `return redis.call('TIME')`
