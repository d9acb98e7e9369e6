/** Why appended bytes are not revisions that every reader understands alike; a plain sentence. */
export class AppendedBytesError extends Error {
  override readonly name = 'AppendedBytesError'
}

const unclear = (what: string): AppendedBytesError =>
  new AppendedBytesError(`Something was appended that cannot be checked: ${what}.`)

/**
 * Holds what follows a signed revision to the plain form of incremental updates (ISO 32000-2, 7.5.6): objects, one table of
 * their places, a trailer that leads back to the revision before. The table lists each appended object exactly once and nothing
 * else, so that a reader that follows the tables and one that reads from start to end see the same document.
 * @param signedEnd Where the signed revision ends.
 */
export function checkAppendedRevisions(bytes: Uint8Array, signedEnd: number): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const signedTable = lastTable(file.subarray(0, signedEnd))
  let end = file.length
  while (end > signedEnd) end = checkRevision(file, signedEnd, end, signedTable)
}

/** Checks the last revision before `end` and returns where it begins. */
function checkRevision(file: Buffer, signedEnd: number, end: number, signedTable: number): number {
  const table = lastTable(file.subarray(signedEnd, end))
  if (table < signedEnd) throw unclear('its table of objects lies in the signed part')
  const text = file.toString('latin1', table, end)
  const parts =
    /^xref\s+((?:\d+ \d+\s+(?:\d{10} \d{5} [nf](?:\r\n| \r| \n|\n))*)+)trailer\s*(<<[\s\S]*>>)\s*startxref\s+\d+\s+%%EOF\s*$/.exec(
      text,
    )
  const [, entries, trailer] = parts ?? []
  if (entries === undefined || trailer === undefined) throw unclear('its table of objects is not in the plain form')
  const previous = checkTrailer(trailer)
  const start = previous === signedTable ? signedEnd : endOfRevision(file, previous, signedEnd)
  checkPlaces(file, start, table, readEntries(entries))
  return start
}

/** Returns the place of the table before. */
function checkTrailer(trailer: string): number {
  for (const key of ['/Root', '/Info', '/Prev', '/Encrypt', '/XRefStm']) {
    const count = trailer.split(new RegExp(`${key}(?![A-Za-z0-9])`)).length - 1
    if (count > 1 || (count === 1 && (key === '/Encrypt' || key === '/XRefStm')))
      throw unclear(`its trailer has ${key}`)
  }
  const previous = /\/Prev\s+(\d+)\s*(?:\/|>>|$)/.exec(trailer)?.[1]
  if (previous === undefined) throw unclear('it does not lead back to the signed part')
  return Number(previous)
}

function endOfRevision(file: Buffer, table: number, signedEnd: number): number {
  if (table < signedEnd) throw unclear('it leads past the signed part')
  const marker = file.indexOf('%%EOF', table)
  if (marker < 0 || table >= file.length) throw unclear('it leads nowhere')
  const tail = /^%%EOF\r?\n?/.exec(file.toString('latin1', marker, marker + 7))?.[0] ?? ''
  return marker + tail.length
}

interface Place {
  readonly objectNumber: number
  readonly offset: number
}

function readEntries(text: string): Place[] {
  const places: Place[] = []
  let objectNumber = 0
  for (const line of text.split(/\r\n|\r|\n/)) {
    const section = /^(\d+) (\d+)\s*$/.exec(line)
    const entry = /^(\d{10}) (\d{5}) ([nf])\s*$/.exec(line)
    if (section?.[1] !== undefined) objectNumber = Number(section[1])
    else if (entry !== null) {
      const [, offset, generation, kind] = entry
      // The head of the list of free objects may be repeated; to free any other is to delete it.
      if (kind === 'f' && objectNumber !== 0) throw unclear('it deletes an object')
      if (kind === 'n') {
        if (Number(generation) !== 0) throw unclear('it numbers an object anew')
        places.push({ objectNumber, offset: Number(offset) })
      }
      objectNumber += 1
    }
  }
  return places
}

/** Every object header between `start` and `table` must be listed, and every listed place must hold its header. */
function checkPlaces(file: Buffer, start: number, table: number, places: readonly Place[]): void {
  const text = file.toString('latin1', start, table)
  const headers = new Map<number, number>()
  for (const match of text.matchAll(/(?<![0-9])(\d+)\s+(\d+)\s+obj(?![a-z])/g)) {
    headers.set(start + match.index, Number(match[1]))
  }
  const numbers = new Set(places.map((place) => place.objectNumber))
  if (numbers.size !== places.length || headers.size !== places.length) {
    throw unclear('it holds objects that its table does not list, or lists one twice')
  }
  for (const { objectNumber, offset } of places) {
    if (headers.get(offset) !== objectNumber) throw unclear('its table points at another place than its objects')
  }
}

function lastTable(file: Buffer): number {
  const tail = file.toString('latin1', Math.max(0, file.length - 64))
  const offset = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(tail)?.[1]
  if (offset === undefined) throw unclear('it does not end as a PDF does')
  return Number(offset)
}
