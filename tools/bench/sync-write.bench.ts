import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { isRecord, type ReceivedRow } from '../../electron/cloud/pages.ts'
import { eachRow, readList, takeList } from '../../electron/cloud/received-list.ts'
import { writeRow } from '../../electron/sync/mirror-writer.ts'
import { mirrorTables } from '../../electron/sync/rows/mirror-tables.ts'
import { readRow } from '../../electron/sync/rows/read-row.ts'
import { yieldToCalls } from '../../electron/sync/sync-context.ts'
import { type BenchRow, percentile } from './bench-row.ts'
import { ownMilliseconds } from './own-time.ts'
import { answerText, type ReceivedPages, receivedPages } from './sync-rows.ts'
import {
  type BenchDatabase,
  countFound,
  fromReceived,
  mirrorFrom,
  openEncrypted,
  openUnencrypted,
  pageRows,
} from './sync-workspace.ts'

const batches = 100_000
const runs = 3

/**
 * What the write path costs over 100,000 batches whose pages have arrived, beside a raw prepared insert of the same rows, already
 * parsed and converted, in one transaction into an unencrypted table with a primary key alone (1.00). Medians of three, in turn.
 *
 * - landed: each row parsed, checked, converted and upserted by version into the program's table with its key, no other index,
 *   unencrypted, a transaction for each page.
 * - searchable: the program's own first pull, with every index, full text and counters, unencrypted.
 * - encrypted: the same into the database as the program opens it.
 */
export async function benchSyncWrite(): Promise<BenchRow[]> {
  const received = receivedPages(batches, pageRows)
  const samples = { raw: [] as number[], landed: [] as number[], searchable: [] as number[], encrypted: [] as number[] }
  for (let run = 0; run < runs; run += 1) {
    samples.raw.push(await insertRaw(received))
    samples.landed.push(await land(received))
    samples.searchable.push(await mirror(openUnencrypted(), received))
    samples.encrypted.push(await mirror(openEncrypted(), received))
  }
  const raw = percentile(samples.raw, 0.5)
  const peer = { name: 'raw prepared insert = 1.00', value: Math.round((batches / raw) * 1000), unit: 'rows/s' }
  const row = (name: string, measured: readonly number[], target: number): BenchRow => {
    const value = percentile(measured, 0.5) / raw
    return { name: `100,000 batches ${name}`, value, unit: 'x raw', target, better: 'lower', ok: value <= target, peer }
  }
  return [
    row('landed', samples.landed, 3.5),
    row('searchable', samples.searchable, 6),
    row('searchable and encrypted', samples.encrypted, 9),
  ]
}

const table = mirrorTables.batches
const pagesOfBatches = (received: ReceivedPages): readonly Readonly<Record<string, unknown>>[][] =>
  (received.batches ?? []).map(({ text }) => JSON.parse(text))

async function insertRaw(received: ReceivedPages): Promise<number> {
  const rows = pagesOfBatches(received).flatMap((page) => page.map((row) => readRow(table, row)))
  const folder = mkdtempSync(join(tmpdir(), 'veridesk-raw-'))
  const database = new SqliteDatabase(join(folder, 'raw.db'))
  const columns = table.columns.map(({ local }) => (local === 'id' ? 'id text primary key' : local))
  database.exec(`create table batch (${columns.join(', ')}) without rowid`)
  const insert = database.prepare(`insert into batch values (${columns.map(() => '?').join(', ')})`)
  const took = await ownMilliseconds(() => {
    database.exec('begin')
    for (const { values } of rows) insert.run(...values)
    database.exec('commit')
  })
  database.close()
  rmSync(folder, { recursive: true })
  return took
}

async function land(received: ReceivedPages): Promise<number> {
  const bench = openUnencrypted()
  bench.database.write((handle) => {
    const others = handle
      .prepare(
        "select type, name from sqlite_master where tbl_name = 'batch' and type in ('index', 'trigger') and sql is not null",
      )
      .all() as readonly { readonly type: string; readonly name: string }[]
    for (const { type, name } of others) handle.prepare(`drop ${type} ${name}`).run()
  })
  const answers = (received.batches ?? []).map((page) => Buffer.from(answerText(page, null)))
  const took = await ownMilliseconds(async () => {
    for (const answer of answers) {
      const taken = takeList(answer, 'rows')
      if (taken === null) throw new Error('The answer has no rows')
      const rows = readList<ReceivedRow>(taken.list, isRecord)
      bench.database.write((handle) => {
        for (const row of eachRow(rows, 0, rows.length))
          writeRow(handle, table, readRow(table, row), { own: 1, held: 1 })
      }, 'normal')
      await yieldToCalls()
    }
  })
  bench.dispose()
  return took
}

async function mirror(bench: BenchDatabase, received: ReceivedPages): Promise<number> {
  const source = fromReceived(received)
  const took = await ownMilliseconds(() => mirrorFrom(bench, source))
  const found = countFound(bench, 'rina')
  bench.dispose()
  if (found !== batches) throw new Error(`${found} of ${batches} batches were found`)
  return took
}
