-- Puts bitmaps together in the byte form of queue/bitmap-bytes.ts: version, base, length, runs of empty and of filled words,
-- the filled words. No operation of its own: it stands before exchange-presence.
local formatVersion, wordBytes, windowWordsMax = 1, 4, 67108864
local pagesMax, sparsity = 16384, 8
-- So many runs of all words together are put together here: Redis does nothing else meanwhile.
local runsTogetherMax = 20000

local function readInteger(text, at)
  local value, weight = 0, 1
  for place = at, at + 7 do
    local byte = string.byte(text, place)
    value, weight = value + byte % 128 * weight, weight * 128
    if byte < 128 then
      return value, place + 1
    end
  end
  error('too long')
end

local function writeInteger(value)
  local groups = ''
  while value >= 128 do
    groups, value = groups .. string.char(value % 128 + 128), math.floor(value / 128)
  end
  return groups .. string.char(value)
end

-- Fails for what is no bitmap, and for one of more runs; `first` is its first filled word, `last` one more than its last.
local function readBitmap(text, runsMax)
  assert(string.byte(text) == formatVersion)
  local base, at = readInteger(text, 2)
  local words, index, filled, runs, count = 0, 0, 0, {}, 0
  words, at = readInteger(text, at)
  assert(words <= windowWordsMax)
  while index < words do
    local empty, length
    count = count + 1
    assert(count <= runsMax)
    empty, at = readInteger(text, at)
    length, at = readInteger(text, at)
    if length > 0 then
      runs[#runs + 1] = { start = base + index + empty, length = length }
    end
    assert(empty + length > 0 and index + empty + length <= words)
    index, filled = index + empty + length, filled + length
  end
  assert(#text - at + 1 == filled * wordBytes)
  local last = runs[#runs]
  return { text = text, runs = runs, from = at, filled = filled, first = last and runs[1].start or math.huge,
    last = last and last.start + last.length or 0 }
end

-- The filled words of one gateway where they stand among the pages that any gateway fills.
local function spread(said, slots, pageWords)
  local pieces, length, from = {}, 0, said.from
  for _, run in ipairs(said.runs) do
    local page = math.floor(run.start / pageWords)
    local offset = (slots[page] * pageWords + run.start - page * pageWords) * wordBytes
    local bytesEnd = from + run.length * wordBytes
    pieces[#pieces + 1] = string.rep('\0', offset - length)
    pieces[#pieces + 1] = string.sub(said.text, from, bytesEnd - 1)
    length, from = offset + bytesEnd - from, bytesEnd
  end
  return table.concat(pieces)
end

-- Every page that any of them fills, ascending; a page is as large as keeps the work small.
local function filledPages(readable)
  local words, pageWords, slots, count, first, last = 0, 1, {}, 0, math.huge, 0
  for _, said in ipairs(readable) do
    words = words + said.filled
  end
  while words / pageWords > pagesMax do
    pageWords = pageWords * 2
  end
  for _, said in ipairs(readable) do
    for _, run in ipairs(said.runs) do
      for page = math.floor(run.start / pageWords), math.floor((run.start + run.length - 1) / pageWords) do
        if not slots[page] then
          slots[page], count = 0, count + 1
        end
      end
    end
    first, last = math.min(first, said.first), math.max(last, said.last)
  end
  local pages = {}
  if last / pageWords - first / pageWords < sparsity * count then
    for page = math.floor(first / pageWords), math.floor(last / pageWords) do
      pages[#pages + 1] = slots[page] and page
    end
  else
    for page in pairs(slots) do
      pages[#pages + 1] = page
    end
    table.sort(pages)
  end
  for slot, page in ipairs(pages) do
    slots[page] = slot - 1
  end
  return pages, slots, pageWords
end

-- By way of two keys that are gone afterwards, and neither in the log nor at replicas.
local function mergeBitmaps(readable, mergingKey, partKey)
  local pages, slots, pageWords = filledPages(readable)
  if #pages == 0 then
    return string.char(formatVersion, 0, 0)
  end
  local runs, runStart, pageNext = {}, pages[1], pages[1]
  for _, page in ipairs(pages) do
    if page ~= pageNext then
      runs[#runs + 1] = writeInteger((pageNext - runStart) * pageWords)
      runs[#runs + 1] = writeInteger((page - pageNext) * pageWords)
      runStart = page
    end
    pageNext = page + 1
  end
  runs[#runs + 1] = writeInteger((pageNext - runStart) * pageWords)

  redis.set_repl(redis.REPL_NONE)
  redis.call('SET', mergingKey, '')
  for _, said in ipairs(readable) do
    redis.call('SET', partKey, spread(said, slots, pageWords))
    redis.call('BITOP', 'OR', mergingKey, mergingKey, partKey)
  end
  local filled = redis.call('GET', mergingKey)
  redis.call('DEL', mergingKey, partKey)
  redis.set_repl(redis.REPL_ALL)
  filled = filled .. string.rep('\0', #pages * pageWords * wordBytes - #filled)
  local header = string.char(formatVersion) .. writeInteger(pages[1] * pageWords)
    .. writeInteger((pageNext - pages[1]) * pageWords) .. writeInteger(0)
  return header .. table.concat(runs) .. filled
end
