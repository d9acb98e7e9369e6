import { join } from 'node:path'
import { beginUse, openConnection } from '../../electron/database/connection.ts'
import { inTransaction } from '../../electron/database/database.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../../electron/database/testing.ts'
import { recordDecision } from '../../electron/decisions/record-decision.ts'
import { newDatabaseKey } from '../../electron/platform/keychain.ts'
import { type BenchRow, measure, percentile } from './bench-row.ts'

const singles = 200
const target = 20

/** From the call to the commit on the disk, one decision at a time and many at once, on a small and a large encrypted database. */
export async function benchDecision(): Promise<BenchRow[]> {
  return [...benchSize(2_000), ...benchSize(100_000)]
}

function benchSize(batches: number): readonly BenchRow[] {
  const workspace = openTestWorkspace({ batches, evidencePerBatch: 2, riskOf: (batch) => batch % 70 })
  try {
    const peer = measurePlainInsert(workspace)
    const one = percentile(
      measure(singles, (run) => decide(workspace, [run])),
      0.95,
    )
    const size = Math.min(500, batches / 4)
    const many = percentile(
      measure(
        3,
        (run) =>
          decide(
            workspace,
            Array.from({ length: size }, (_, index) => singles + 10 + run * size + index),
          ),
        0,
      ),
      0.95,
    )
    return [
      {
        name: `decision committed, ${batches} batches (p95)`,
        value: one,
        unit: 'ms',
        target,
        better: 'lower',
        ok: one < target,
        peer: { name: 'one row inserted and synced', value: peer, unit: 'ms' },
      },
      {
        name: `${size} decisions in one transaction, ${batches} batches`,
        value: many,
        unit: 'ms',
        target: 250,
        better: 'lower',
        ok: many < 250,
        peer: { name: 'one row inserted and synced', value: peer, unit: 'ms' },
      },
    ]
  } finally {
    workspace.dispose()
  }
}

function decide(workspace: TestWorkspace, batches: readonly number[]): void {
  const recorded = recordDecision(workspace.as(people.desk), {
    batchIds: batches.map(fixture.batch),
    action: 'approve',
    reasonCode: 'evidence_complete',
    reason: 'Evidence complete and consistent',
    acknowledgedGates: [],
  })
  if (!recorded.ok || recorded.value.some(({ refused }) => refused !== null)) throw new Error('A decision was refused')
}

/** The least that a durable write can cost on this disk: one prepared insert of a body as long, fully synchronous, same encryption. */
function measurePlainInsert(workspace: TestWorkspace): number {
  const connection = openConnection(join(workspace.folder, 'plain.db'), newDatabaseKey(), 'write')
  beginUse(connection)
  connection.exec('create table plain (id integer primary key, body text not null)')
  const insert = connection.prepare('insert into plain (body) values (?)')
  const body = 'x'.repeat(1500)
  const samples = measure(singles, () => inTransaction(connection, () => insert.run(body)))
  connection.close()
  return percentile(samples, 0.95)
}
