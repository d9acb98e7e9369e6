import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { indexBatches } from '../batches/search-index.ts'
import type { WriteHandle } from '../database/handles.ts'
import { openTestWorkspace, type TestWorkspace } from '../database/testing.ts'
import { silentLog } from '../platform/log.ts'
import { collectChangedBatches } from './changed-batches.ts'
import { beginMirrorPage } from './mirror-page.ts'
import { findMirrorTable, mirrorTables } from './rows/mirror-tables.ts'
import { readRow } from './rows/read-row.ts'

const held = 0b11
const idOf = (kind: number, number: number): string => `0000000${kind}-0000-4000-8000-00000000000${number}`

const person = fc.record({ number: fc.nat(1), name: fc.constantFrom('Rina', 'Đặng', 'Rina Đặng') })
const project = fc.record({ number: fc.nat(2), name: fc.constantFrom('River', 'Coast', 'River Coast') })
const batch = fc.record({
  number: fc.nat(5),
  batch_hash: fc.constantFrom('HASH-1', 'HASH-2'),
  user: fc.nat(1),
  project: fc.nat(2),
  standard: fc.constantFrom('APRS', 'ARCS'),
  location: fc.constantFrom('Cebu', 'Đà Nẵng', 'Cebu Izmir'),
  date_submitted: fc.constantFrom('2026-01-31', '2026-02-01'),
  description: fc.constantFrom(null, 'washed bales', 'bales of film'),
  status: fc.constantFrom('pending', 'under_review', 'verified'),
  risk_score: fc.nat(2),
  tons_or_kwh: fc.constantFrom('1.00', '2.50'),
})

const toPerson = ({ number, name }: { number: number; name: string }) => ({
  id: idOf(1, number),
  name,
  organization_id: null,
  organization_name: null,
  role: 'recycler',
  sub_role: null,
})
const toProject = ({ number, name }: { number: number; name: string }) => ({
  id: idOf(2, number),
  user_id: idOf(1, 0),
  name,
  description: null,
  standard: 'APRS',
  location: 'Cebu',
  latitude: 7.25,
  longitude: null,
  time_zone: 'Asia/Jakarta',
  status: 'active',
  updated_at: '2026-11-20T09:00:00+00:00',
})
const toBatch = ({
  number,
  user,
  project: of,
  ...fields
}: typeof batch extends fc.Arbitrary<infer Row> ? Row : never) => ({
  ...fields,
  id: idOf(3, number),
  user_id: idOf(1, user),
  project_id: idOf(2, of),
  period_start: null,
  period_end: null,
  calculated_plastic_credits: '1.00',
  calculated_carbon_credits: '1.00',
  verification_score: null,
  verified_by: null,
  verified_at: null,
  risk_reasons: [],
  content_hash: 'a'.repeat(64),
  updated_at: '2026-11-20T09:00:00+00:00',
})

const arrival = fc.record({
  row: fc.oneof(
    { weight: 1, arbitrary: person.map((row) => ['people', toPerson(row)] as const) },
    { weight: 1, arbitrary: project.map((row) => ['projects', toProject(row)] as const) },
    { weight: 4, arbitrary: batch.map((row) => ['batches', toBatch(row)] as const) },
  ),
  version: fc.integer({ min: 1, max: 6 }),
  // The last is of an age of the cloud that is over: any version takes the place of a row that carries it alone.
  bit: fc.nat(2),
})
type Arrival = typeof arrival extends fc.Arbitrary<infer Value> ? Value : never

/** Every column set, every index entry written, every batch found anew. */
function writeInFull(handle: WriteHandle, { row: [wire, fields], version, bit }: Arrival): void {
  const table = findMirrorTable(wire) ?? mirrorTables.batches
  const columns = table.columns.map(({ local }) => local)
  const again = table.local === 'batch' ? ', quarantined_at = null' : ''
  const { values } = readRow(table, { ...fields, version })
  handle
    .prepare(
      `insert into ${table.local} (${columns.join(', ')}, version, scopes) values (${columns.map(() => '?').join(', ')}, ?, ?)
      on conflict (id) do update set ${columns.map((column) => `${column} = excluded.${column}`).join(', ')},
        version = excluded.version, scopes = ${table.local}.scopes | excluded.scopes${again}
      where excluded.version > ${table.local}.version or (${table.local}.scopes & ${held}) = 0`,
    )
    .run(...values, version, 2 ** bit)
  handle.prepare(`update ${table.local} set scopes = scopes | ?${again} where id = ?`).run(2 ** bit, fields.id)
}

function contentOf(handle: WriteHandle) {
  const all = (sql: string) => handle.prepare(sql).all()
  handle.prepare("insert into batch_search (batch_search, rank) values ('integrity-check', 0)").run()
  return {
    rows: ['person', 'project', 'batch'].map((table) => all(`select * from ${table} order by row`)),
    // Compares each index with its table.
    integrity: all('pragma integrity_check'),
    counters: all('select * from batch_counter where total > 0 order by standard, status'),
    words: all('select term, doc, col, offset from word order by term, doc, col, offset'),
    byHash: all('select row from batch order by batch_hash, row'),
  }
}

let changed: TestWorkspace
let inFull: TestWorkspace
beforeEach(() => {
  changed = openTestWorkspace()
  inFull = openTestWorkspace()
  for (const { database } of [changed, inFull])
    database.write((handle) => {
      for (const table of ['organization', 'person', 'rubric', 'project']) handle.prepare(`delete from ${table}`).run()
      handle.prepare("create virtual table temp.word using fts5vocab('main', 'batch_search', 'instance')").run()
    })
})
afterEach(() => {
  changed.dispose()
  inFull.dispose()
})

it('a mirror whose changed columns alone are written ends as one that is written in full: rows, indexes, counters and words', () => {
  fc.assert(
    fc.property(fc.array(fc.array(arrival, { maxLength: 6 }), { minLength: 1, maxLength: 12 }), (pages) => {
      for (const { database } of [changed, inFull])
        database.write((handle) => {
          for (const table of ['batch', 'project', 'person', 'batch_search', 'batch_counter'])
            handle.prepare(`delete from ${table}`).run()
        })
      for (const page of pages)
        changed.database.write((handle) => {
          const mirror = beginMirrorPage(handle, {
            database: changed.database,
            log: silentLog,
            changed: collectChangedBatches(),
          })
          for (const { row, version, bit } of page)
            mirror.upsert(row[0], { ...row[1], version }, { own: 2 ** bit, held })
          mirror.finish()
        }, 'normal')
      inFull.database.write((handle) => {
        for (const one of pages.flat()) writeInFull(handle, one)
        const ids = handle.prepare('select id from batch').all() as readonly { readonly id: string }[]
        indexBatches(
          handle,
          ids.map(({ id }) => id),
        )
      }, 'normal')
      const content = changed.database.write(contentOf, 'normal')
      expect(content).toEqual(inFull.database.write(contentOf, 'normal'))
      expect(content.integrity).toEqual([{ integrity_check: 'ok' }])
      expect(content.rows[2]?.length === 0).toBe(content.words.length === 0)
    }),
    { numRuns: 150 },
  )
})
