import { createCloudClient } from '../../electron/cloud/cloud-client.ts'
import {
  fixture,
  openTestWorkspace,
  people,
  type TestWorkspace,
  testSettings,
} from '../../electron/database/testing.ts'
import { recordDecision } from '../../electron/decisions/record-decision.ts'
import { systemClock } from '../../electron/platform/clock.ts'
import { silentLog } from '../../electron/platform/log.ts'
import { openVault } from '../../electron/platform/vault/vault.ts'
import { collectChangedBatches } from '../../electron/sync/changed-batches.ts'
import { push } from '../../electron/sync/push.ts'
import { createRunJournal } from '../../electron/sync/run-journal.ts'
import type { SyncContext } from '../../electron/sync/sync-context.ts'
import { pushLimit } from '../../shared/wire/sync.ts'
import { benchTokens } from './bench-session.ts'

/** An encrypted workspace with batches to decide on, and a service to send the decisions to. */
export interface PushBench {
  /** Decides on the next batches; the decisions are due at once. */
  readonly decide: (count: number) => void
  /** Sends all that is due, as a synchronization does. */
  readonly push: () => Promise<void>
  /**
   * The same sending the plainest way, undone afterwards without being counted: bodies read and sent, a hundred at a time, and each
   * hundred marked in a commit of its own that is on the disk. Answers the milliseconds that `measure` counts.
   */
  readonly pushPlainly: (measure: (work: () => Promise<void>) => Promise<number>) => Promise<number>
  readonly dispose: () => void
}

/** Opens one over a service's address, with so many batches under review. */
export function openPushBench(url: string, batches: number): PushBench {
  const workspace = openTestWorkspace({ batches, evidencePerBatch: 1 })
  const { database, deviceId } = workspace
  const context = contextOver(workspace, url)
  let decided = 0
  const exec = (sql: string) => database.write((handle) => handle.prepare(sql).run())
  return {
    decide(count) {
      const recorded = recordDecision(
        workspace.as(people.desk, { clock: systemClock, settings: { ...testSettings, holdSeconds: 0 } }),
        {
          batchIds: Array.from({ length: count }, (_, index) => fixture.batch(decided + index)),
          action: 'request_changes',
          reasonCode: 'other',
          reason: 'The tickets do not add up',
          acknowledgedGates: [],
        },
      )
      if (!recorded.ok) throw new Error(recorded.error.message)
      const refused = recorded.value.find((each) => each.refused !== null)?.refused
      if (refused) throw new Error(refused.message)
      decided += count
    },
    async push() {
      const settleContext = { clock: systemClock, person: people.desk, deviceId }
      const pushed = await push(context, settleContext, new AbortController().signal)
      if (!pushed.ok) throw new Error(pushed.error.message)
    },
    async pushPlainly(measure) {
      const milliseconds = await measure(async () => {
        for (let sent = takeBodies(workspace); sent.length > 0; sent = takeBodies(workspace)) {
          const body = `[${sent.map((row) => row.body).join(',')}]`
          await (await fetch(`${url}/changes`, { method: 'POST', body })).json()
          database.write((handle) => {
            const mark = handle.prepare("update outbox set state = 'applied' where sequence = ?")
            for (const { sequence } of sent) mark.run(sequence)
          })
        }
      })
      exec("update outbox set state = 'queued' where state = 'applied' and settled_at is null")
      return milliseconds
    },
    dispose: workspace.dispose,
  }
}

const takeBodies = ({ database }: TestWorkspace) =>
  database.read.all(
    database.build
      .selectFrom('outbox')
      .select(['sequence', 'body'])
      .where('state', '=', 'queued')
      .orderBy('sequence')
      .limit(pushLimit),
  )

function contextOver({ database, folder, keyHex }: TestWorkspace, url: string): SyncContext {
  const journalOf = (kind: 'sync' | 'files') =>
    createRunJournal({
      database: () => database,
      clock: systemClock,
      log: silentLog,
      kind,
      clockOffsetMilliseconds: () => null,
    })
  return {
    database,
    cloud: createCloudClient({
      url,
      publishableKey: 'bench',
      clock: systemClock,
      tokens: benchTokens(people.desk),
    }),
    vault: openVault({ directory: `${folder}/vault`, keyHex }),
    clock: systemClock,
    log: silentLog,
    person: people.desk,
    changed: collectChangedBatches(),
    journal: journalOf('sync'),
    fileJournal: journalOf('files'),
    pageRows: 2000,
    report: () => {},
  }
}
