import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { mirrorTables } from '../../electron/sync/rows/mirror-tables.ts'
import { type ReadRow, readRow } from '../../electron/sync/rows/read-row.ts'
import { people } from '../../electron/sync/testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from '../../electron/sync/testing/device.ts'
import type { CloudProfile } from '../../shared/contract/views.ts'
import { type BenchRow, percentile } from './bench-row.ts'

const batches = 20_000
const runs = 3
/** As the engine asks for them. */
const pageRows = 2000

/**
 * The first mirror of 20,000 batches out of a real cloud in another process, until they can be searched in the encrypted database:
 * pages over HTTP, checked, converted, six indexes, full text, facets. Beside it the same rows, already converted, through a prepared
 * insert into an unencrypted table with a primary key alone, in one transaction. Medians of three.
 */
export async function benchMirror(): Promise<BenchRow[]> {
  const cloud = fork(path.join(import.meta.dirname, 'mirror-cloud.ts'), [String(batches)])
  const [profile] = (await once(cloud, 'message')) as [CloudProfile]
  try {
    const mirrored: number[] = []
    const changed: number[] = []
    const raw: number[] = []
    for (let run = 0; run < runs; run++) {
      const device = await openTestDevice(profile, people.compliance)
      mirrored.push(await milliseconds(() => syncOnce(device)))
      if (countFound(device) !== batches) throw new Error('Not every batch was found')
      changed.push(await milliseconds(() => syncOnce(device)))
      raw.push(await insertRaw(device))
      device.dispose()
    }
    const rowsPerSecond = (samples: readonly number[]) => Math.round((batches / percentile(samples, 0.5)) * 1000)
    const value = rowsPerSecond(mirrored)
    const nothing = percentile(changed, 0.5)
    return [
      {
        name: '20,000 batches mirrored, searchable, encrypted',
        value,
        unit: 'rows/s',
        target: 10_000,
        better: 'higher',
        ok: value >= 10_000,
        peer: { name: 'prepared insert alone, unencrypted', value: rowsPerSecond(raw), unit: 'rows/s' },
      },
      {
        name: 'synchronization with nothing new',
        value: nothing,
        unit: 'ms',
        target: 500,
        better: 'lower',
        ok: nothing < 500,
      },
    ]
  } finally {
    cloud.send('stop')
    await once(cloud, 'exit')
  }
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

async function syncOnce(device: TestDevice): Promise<void> {
  const result = await device.sync({ pageRows })
  if (!result.ok) throw new Error(result.error.message)
}

function countFound(device: TestDevice): number {
  const found = device
    .database()
    .write((handle) =>
      handle.prepare("select count(*) as found from batch_search where batch_search match 'surabaya'").get(),
    ) as { readonly found: number }
  return found.found
}

/** Milliseconds of inserting what the cloud sends, already fetched and converted. */
async function insertRaw(device: TestDevice): Promise<number> {
  const rows: ReadRow[] = []
  for (let after: string | null = null, more = true; more; more = after !== null) {
    const page = await device.cloud.bootstrap({ scope: 'register', table: 'batches', after, limit: 5000 })
    if (!page.ok) throw new Error(page.error.message)
    rows.push(...page.value.rows.slice(0, page.value.rows.length).map((row) => readRow(mirrorTables.batches, row)))
    after = page.value.next
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'veridesk-raw-'))
  const database = new SqliteDatabase(path.join(folder, 'raw.db'))
  const columns = mirrorTables.batches.columns.map(({ local }) => (local === 'id' ? 'id text primary key' : local))
  database.exec(`create table batch (${columns.join(', ')}) without rowid`)
  const insert = database.prepare(`insert into batch values (${columns.map(() => '?').join(', ')})`)
  const started = performance.now()
  database.exec('begin')
  for (const { values } of rows) insert.run(...values)
  database.exec('commit')
  const took = performance.now() - started
  database.close()
  rmSync(folder, { recursive: true })
  return took
}
