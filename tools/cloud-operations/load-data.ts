import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

const NEWLINE = 10
const END = '\\.'

/** Lines with their line feed, as bytes: a row of `COPY` is one line whatever is in it. */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(file).pipe(createGunzip())) {
    const bytes: Buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.subarray(start, end + 1)
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
  if (rest.length > 0) throw new Error('The data of this backup ends in the middle of a line.')
}

/** The rows up to the end mark, several thousand bytes at a time. */
async function* rowsOf(lines: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = []
  let size = 0
  for (;;) {
    const step = await lines.next()
    if (step.done === true) throw new Error('The data of this backup ends in the middle of a table.')
    const line = step.value
    if (line.length === END.length + 1 && line.toString('latin1', 0, END.length) === END) break
    gathered.push(line)
    size += line.length
    if (size > 65_536) {
      yield Buffer.concat(gathered)
      gathered = []
      size = 0
    }
  }
  if (gathered.length > 0) yield Buffer.concat(gathered)
}

/** Loads what `dumpData` wrote into a database with the same migrations: all of it, or nothing. */
export const loadData = async (client: Client, file: string): Promise<Readonly<Record<string, number>>> => {
  const loaded: Record<string, number> = {}
  await client.query('begin')
  try {
    const lines = linesOf(file)
    for (let step = await lines.next(); step.done !== true; step = await lines.next()) {
      const line = step.value.toString('utf8').trimEnd()
      if (line === '' || line.startsWith('--')) continue
      const table = /^copy "([^"]+)"\."([^"]+)" \(.*\) from stdin;$/.exec(line)
      if (table === null) {
        await client.query(line)
        continue
      }
      const copy = client.query(copyFrom(line.slice(0, -1)))
      await pipeline(Readable.from(rowsOf(lines)), copy)
      loaded[`${table[1]}.${table[2]}`] = copy.rowCount
    }
    await client.query('commit')
    return loaded
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}
