import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BatchFilter, BatchSort } from '../../shared/contract/views.ts'
import { fixture, insertInto, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { recordDecision } from '../decisions/record-decision.ts'
import { readBatchFacets } from './batch-facets.ts'
import { claimBatches } from './claim-batches.ts'
import { findBatchIds } from './find-batch-ids.ts'
import { readBatchRows } from './read-batch-rows.ts'
import { indexBatches, unindexBatches } from './search-index.ts'

// Ten of a hundred batches are in the pool, the odd ones among the rest belong to the other desk verifier as well.
let workspace: TestWorkspace
beforeAll(() => {
  workspace = openTestWorkspace({
    batches: 100,
    statusOf: (batch) => (batch < 10 ? 'pending' : 'under_review'),
    assignedTo: (batch) => (batch < 10 ? [] : batch % 2 === 0 ? [people.desk] : [people.otherDesk]),
    riskOf: (batch) => (batch * 7) % 50,
  })
  workspace.database.write((handle) =>
    indexBatches(
      handle,
      Array.from({ length: 100 }, (_, number) => fixture.batch(number)),
    ),
  )
})
afterAll(() => workspace.dispose())

const everything: BatchFilter = { text: '', statuses: [], standards: [], assignment: 'all', unsentOnly: false }
const byRisk: BatchSort = { by: 'risk', direction: 'descending' }

function ids(filter: Partial<BatchFilter> = {}, sort: BatchSort = byRisk, as = people.desk) {
  const found = findBatchIds(workspace.as(as), { filter: { ...everything, ...filter }, sort })
  if (!found.ok) throw new Error(found.error.message)
  expect(found.value.rows).toBeInstanceOf(Uint32Array)
  return [...found.value.rows]
}

function rows(numbers: readonly number[], as = people.desk) {
  const found = readBatchRows(workspace.as(as), { rows: numbers })
  if (!found.ok) throw new Error(found.error.message)
  return found.value
}

function facets(assignment: BatchFilter['assignment'], since: string | null = null) {
  const found = readBatchFacets(workspace.as(people.desk), { assignment, since })
  if (!found.ok) throw new Error(found.error.message)
  return found.value
}

test('all batches come once, by risk, equal ones by row number', () => {
  const found = rows(ids())
  expect(found).toHaveLength(100)
  for (let index = 1; index < found.length; index++) {
    const [before, after] = [found[index - 1], found[index]]
    if (before === undefined || after === undefined) throw new Error('a row is missing')
    expect(before.riskScore > after.riskScore || (before.riskScore === after.riskScore && before.row < after.row)).toBe(
      true,
    )
  }
})

test.each([
  ['submitted', 'dateSubmitted'],
  ['quantity', 'quantity'],
  ['batch_hash', 'batchHash'],
  ['project', 'projectName'],
  ['status', 'status'],
] as const)('sorting by %s goes both ways', (by, column) => {
  for (const direction of ['ascending', 'descending'] as const) {
    const values = rows(ids({}, { by, direction })).map((row) => row[column])
    const sorted = [...values].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0))
    expect(values).toEqual(direction === 'ascending' ? sorted : sorted.reverse())
  }
})

test('sorting by deadline puts batches without one last, both ways', () => {
  for (const direction of ['ascending', 'descending'] as const) {
    const due = rows(ids({ assignment: 'assigned' }, { by: 'due', direction })).map(({ dueAt }) => dueAt)
    const dated = due.filter((each) => each !== null)
    expect(dated.length).toBeGreaterThan(5)
    expect(due.slice(dated.length).every((each) => each === null)).toBe(true)
    const sorted = [...dated].sort()
    expect(dated).toEqual(direction === 'ascending' ? sorted : sorted.reverse())
  }
})

test('assigned means mine, the pool is what nobody works on', () => {
  expect(ids({ assignment: 'assigned' })).toHaveLength(45)
  expect(ids({ assignment: 'assigned' }, byRisk, people.otherDesk)).toHaveLength(45)
  expect(ids({ assignment: 'assigned' }, byRisk, people.auditor)).toEqual([])
  expect(ids({ assignment: 'pool' })).toHaveLength(10)
})

test('statuses and standards restrict together', () => {
  const found = rows(ids({ statuses: ['pending'], standards: ['APRS', 'PCX'] }))
  expect(found.length).toBeGreaterThan(0)
  for (const { status, standard } of found) {
    expect(status).toBe('pending')
    expect(['APRS', 'PCX']).toContain(standard)
  }
})

test('text finds words without accents, a beginning of the last word, and the beginning of a public id', () => {
  expect(ids({ text: 'surabaya' })).toHaveLength(50)
  expect(ids({ text: 'Da Nang' })).toHaveLength(50)
  expect(ids({ text: 'đà nẵn' })).toHaveLength(50)
  expect(ids({ text: 'lot 12' })).toHaveLength(1)
  expect(ids({ text: 'lot surabaya project' })).toHaveLength(17)
  expect(ids({ text: 'rina' })).toHaveLength(100)
  const [first] = rows(ids().slice(0, 1))
  expect(rows(ids({ text: first?.batchHash.slice(0, 16) ?? '' })).map(({ id }) => id)).toEqual([first?.id])
  expect(rows(ids({ text: first?.batchHash.slice(6, 16).toLowerCase() ?? '' })).map(({ id }) => id)).toEqual([
    first?.id,
  ])
})

test.each(['"', "' or 1", 'NEAR(', '* :', 'AND', 'a" OR "b', '(', '-'])(
  '%j in the search field is text and no operator',
  (text) => {
    expect(() => ids({ text })).not.toThrow()
  },
)

test('an indexed batch that changes is found by its new words only; one that left is not found', () => {
  const [row] = ids({ text: 'lot 99' })
  expect(row).toBeDefined()
  const batchId = fixture.batch(99)
  workspace.database.write((handle) => {
    handle.prepare("update batch set description = 'Clear film' where id = ?").run(batchId)
    indexBatches(handle, [batchId])
  })
  expect(ids({ text: 'lot 99' })).toEqual([])
  expect(ids({ text: 'clear film' })).toEqual([row])
  workspace.database.write((handle) => unindexBatches(handle, [row ?? 0]))
  expect(ids({ text: 'clear film' })).toEqual([])
})

test('rows come in the order asked for, and one that is gone is left out', () => {
  const some = ids().slice(10, 15)
  expect(rows([...some, 4_000_000]).map(({ row }) => row)).toEqual(some)
})

test('evidence, what I viewed of it, and open findings are counted', () => {
  const batchId = fixture.batch(20)
  workspace.database.write((handle) => {
    const view = { evidence_file_id: fixture.evidence(20, 0), viewed_at: '2026-11-20T09:00:00.000Z' }
    const evidence = handle.first(
      workspace.database.build.selectFrom('evidence_file').select('sha256').where('id', '=', view.evidence_file_id),
    )
    insertInto(handle, 'evidence_view', { ...view, sha256: evidence?.sha256, person_id: people.desk.id })
    insertInto(handle, 'evidence_view', { ...view, sha256: 'another file under this name', person_id: people.desk.id })
    for (const status of ['open', 'answered', 'closed']) {
      insertInto(handle, 'finding', {
        id: `finding-${status}`,
        batch_id: batchId,
        kind: 'observation',
        title: status,
        description: '',
        status,
        raised_by: people.desk.id,
        raised_at: '2026-11-20T09:00:00.000Z',
        round: 1,
        version: 1,
        scopes: 1,
      })
    }
  })
  const find = (as: typeof people.desk) => rows(ids({}, byRisk, as), as).find(({ id }) => id === batchId)
  expect(find(people.desk)).toMatchObject({ evidenceCount: 2, viewedCount: 1, openFindings: 2 })
  expect(find(people.otherDesk)).toMatchObject({ evidenceCount: 2, viewedCount: 0, openFindings: 2 })
})

test('local decisions and claims move batches between statuses, in rows, filters, pool and facets', () => {
  expect(facets('all')).toMatchObject({ total: 100, byStatus: { pending: 10, under_review: 90 } })
  expect(facets('pool')).toMatchObject({ total: 10, byStatus: { pending: 10 } })
  const decided = recordDecision(workspace.as(people.desk), {
    batchIds: [fixture.batch(30)],
    action: 'reject',
    reasonCode: 'mass_balance',
    reason: 'Mass balance does not close',
    acknowledgedGates: [],
  })
  expect(decided).toMatchObject({ ok: true, value: [{ refused: null }] })
  expect(claimBatches(workspace.as(people.desk), { batchIds: [fixture.batch(3)] })).toMatchObject({
    ok: true,
    value: [{ refused: null }],
  })
  const changed = rows(ids({ unsentOnly: true }, { by: 'submitted', direction: 'ascending' }))
  expect(changed.map(({ id, status, syncMark }) => ({ id, status, syncMark }))).toEqual([
    { id: fixture.batch(3), status: 'under_review', syncMark: 'queued' },
    { id: fixture.batch(30), status: 'rejected', syncMark: 'saved_here' },
  ])
  expect(rows(ids({ statuses: ['rejected'] })).map(({ id }) => id)).toEqual([fixture.batch(30)])
  expect(ids({ statuses: ['under_review'] })).toHaveLength(90)
  expect(ids({ assignment: 'pool' })).toHaveLength(9)
  expect(ids({ assignment: 'assigned' })).toHaveLength(46)
  expect(facets('all').byStatus).toEqual({ pending: 9, under_review: 90, rejected: 1 })
  expect(facets('assigned')).toMatchObject({ total: 46, byStatus: { under_review: 45, rejected: 1 } })
  expect(facets('pool').total).toBe(9)
  const standards = Object.values(facets('all').byStandard).reduce((sum, count) => sum + count, 0)
  expect(standards).toBe(100)
})

test('what came in since the snapshot is counted', () => {
  expect(facets('assigned', '2026-11-02T00:00:00.000Z').newSince).toBe(0)
  expect(facets('assigned', '2026-10-02T00:00:00.000Z').newSince).toBe(45)
})

test('a batch that is not in the pool, or not for this person, is not claimed', () => {
  const claim = (batch: number, as = people.desk) => {
    const result = claimBatches(workspace.as(as), { batchIds: [fixture.batch(batch)] })
    return result.ok ? result.value[0]?.refused?.code : result.error.code
  }
  expect(claim(50)).toBe('transition')
  expect(claim(5, people.compliance)).toBe('role')
  expect(claim(4000)).toBe('not_found')
  expect(claim(5, people.auditor)).toBeUndefined()
})
