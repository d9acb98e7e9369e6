import { readBatchFacets } from '../../electron/batches/batch-facets.ts'
import { findBatchIds } from '../../electron/batches/find-batch-ids.ts'
import { readBatchRows } from '../../electron/batches/read-batch-rows.ts'
import { indexBatches } from '../../electron/batches/search-index.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../../electron/database/testing.ts'
import type { BatchFilter, BatchSort } from '../../shared/contract/views.ts'
import type { Result } from '../../shared/result.ts'
import { type BenchRow, measure, percentile } from './bench-row.ts'

const batches = 100_000
const everything: BatchFilter = { text: '', statuses: [], standards: [], assignment: 'all', unsentOnly: false }
const byRisk: BatchSort = { by: 'risk', direction: 'descending' }

function expectOk<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

/** The queue over 100,000 batches: all ids in order, a page of rows, filters, text and facets; medians. */
export async function benchQueue(): Promise<BenchRow[]> {
  const workspace = openTestWorkspace({ batches, evidencePerBatch: 1, riskOf: (batch) => (batch * 7919) % 101 })
  try {
    index(workspace)
    const context = workspace.as(people.desk)
    const ids = (filter: Partial<BatchFilter>, sort = byRisk) =>
      expectOk(findBatchIds(context, { filter: { ...everything, ...filter }, sort })).rows
    const median = (runs: number, work: (run: number) => void) => percentile(measure(runs, work), 0.5)
    const row = (name: string, value: number, target: number): BenchRow => ({
      name,
      value,
      unit: 'ms',
      target,
      better: 'lower',
      ok: value < target,
    })
    const all = ids({})
    return [
      row(
        '100,000 ids by risk',
        median(15, () => ids({})),
        60,
      ),
      row(
        '100,000 ids by risk, assigned to me',
        median(9, () => ids({ assignment: 'assigned' })),
        200,
      ),
      row(
        '100,000 ids by risk, one status',
        median(9, () => ids({ statuses: ['under_review'] })),
        80,
      ),
      row(
        '100,000 ids by project',
        median(5, () => ids({}, { by: 'project', direction: 'ascending' })),
        1000,
      ),
      row(
        'ids by text, two words',
        median(15, () => ids({ text: 'river 12' })),
        100,
      ),
      row(
        '100 rows hydrated',
        median(60, (run) => {
          expectOk(readBatchRows(context, { rows: [...all.subarray(run * 700, run * 700 + 100)] }))
        }),
        10,
      ),
      row(
        'facets over everything',
        median(15, () => expectOk(readBatchFacets(context, { assignment: 'all', since: null }))),
        5,
      ),
      row(
        'facets over assigned',
        median(5, () => expectOk(readBatchFacets(context, { assignment: 'assigned', since: null }))),
        300,
      ),
    ]
  } finally {
    workspace.dispose()
  }
}

function index({ database }: TestWorkspace): void {
  const page = 1000
  for (let from = 0; from < batches; from += page) {
    const ids = Array.from({ length: page }, (_, number) => fixture.batch(from + number))
    database.write((handle) => indexBatches(handle, ids), 'normal')
  }
}
