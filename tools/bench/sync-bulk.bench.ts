import { setTimeout as wait } from 'node:timers/promises'
import type { ElectronApplication, Page } from '@playwright/test'
import pg from 'pg'
import type { BatchIdList, BatchListRow, DecisionOutcome, Settings } from '../../shared/contract/views.ts'
import type { SyncState } from '../../shared/domain/sync-state.ts'
import type { Result } from '../../shared/result.ts'
import { demoPeople } from '../demo-data/people.ts'
import type { BenchRow } from './bench-row.ts'
import { call, countBatches, openBenchWorkspace, signInAndMirror } from './run-bench-workspace.ts'
import { watchFrames } from './watch-frames.ts'
import { watchMainProcess } from './watch-main-process.ts'

const batches = 100_000
const decisions = 10_000
const longestBlock = 16
const longestRunWithoutFrame = 100
const role = 'Desk verifier'

/** A window in which something happens that is watched. */
interface Desk {
  readonly app: ElectronApplication
  readonly page: Page
}

/** Does some work and tells how long it took, and what the window had to wait for meanwhile. */
async function watched({ app, page }: Desk, what: string, work: () => Promise<void>): Promise<readonly BenchRow[]> {
  const stopMain = await watchMainProcess(app)
  const stopFrames = await watchFrames(page)
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1000
  const [block, gap] = [await stopMain(), await stopFrames()]
  const peer = { name: 'the whole of it took', value: seconds, unit: 's' }
  return [
    {
      name: `longest task of the main process, ${what}`,
      value: block,
      unit: 'ms',
      target: longestBlock,
      better: 'lower',
      ok: block <= longestBlock,
      peer,
    },
    {
      name: `longest time without a frame, ${what}`,
      value: gap,
      unit: 'ms',
      target: longestRunWithoutFrame,
      better: 'lower',
      ok: gap <= longestRunWithoutFrame,
      peer,
    },
  ]
}

/** Asks again until the copy is so. Throws when synchronization says that it cannot go on. */
async function until(page: Page, so: (state: SyncState) => Promise<boolean> | boolean): Promise<void> {
  for (;;) {
    const state = await call<SyncState>(page, 'sync.state')
    if (state.lastError !== null) throw new Error(`${state.lastError.code}: ${state.lastError.message}`)
    if (state.progress === null && (await so(state))) return
    await wait(200)
  }
}

/** The batches that are decided, as the queue names them. */
async function decidable(page: Page): Promise<readonly string[]> {
  const filter = { text: '', statuses: ['under_review'], standards: [], assignment: 'assigned', unsentOnly: false }
  const { rows } = await call<BatchIdList>(page, 'batch.ids', { filter, sort: { by: 'risk', direction: 'descending' } })
  const wanted = [...rows.slice(0, decisions)]
  const ids: string[] = []
  for (let start = 0; start < wanted.length; start += 1000) {
    const found = await call<readonly BatchListRow[]>(page, 'batch.rows', { rows: wanted.slice(start, start + 1000) })
    ids.push(...found.map(({ id }) => id))
  }
  return ids
}

/**
 * Records a decision on each, as the queue does: in calls of 5,000. Answers how many were recorded; they are counted in the page, which
 * would else be busy with telling each to the bench.
 */
async function decide(page: Page, ids: readonly string[]): Promise<number> {
  let recorded = 0
  for (let start = 0; start < ids.length; start += 5000) {
    const request = {
      batchIds: ids.slice(start, start + 5000),
      action: 'request_changes',
      reasonCode: 'other',
      reason: 'The weighbridge tickets are not readable.',
      acknowledgedGates: ['unviewed_evidence'],
    }
    recorded += await page.evaluate(async (given) => {
      const { veridesk } = window as unknown as {
        readonly veridesk: { invoke(channel: string, input: unknown): Promise<Result<readonly DecisionOutcome[]>> }
      }
      const answer = await veridesk.invoke('decision.record', given)
      if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
      return answer.value.filter(({ refused }) => refused === null).length
    }, request)
  }
  return recorded
}

/**
 * Much work at once, at the window of the person whom it meets: 100,000 batches are given to them in one transaction, 10,000 are decided
 * and sent, and all are taken away again in one transaction. Nobody may wait for it at the window.
 */
export async function benchSyncBulk(): Promise<BenchRow[]> {
  const workspace = await openBenchWorkspace(batches)
  const owner = new pg.Client({ connectionString: workspace.cloud.cloud.databaseUrl })
  try {
    await owner.connect()
    const person = demoPeople().find(({ roleLabel }) => roleLabel === role)
    if (person === undefined) throw new Error(`There is no demo person with the role ${role}`)
    const desk = await workspace.launch()
    const { app, page } = desk
    await signInAndMirror(page, workspace, role)
    await until(page, () => true)
    const settings = await call<Settings>(page, 'settings.get')
    await call(page, 'settings.set', { ...settings, holdSeconds: 0 })
    const before = await countBatches(page)

    const { rows: given } = await owner.query<{ made: number }>(
      `select public.assign_batches(
         array(select b.id from public.batches b where b.user_id is distinct from $1),
         $1, 'desk_verifier') as made`,
      [person.id],
    )
    const moved = given[0]?.made ?? 0
    const come = await watched(desk, `${moved} batches assigned at once`, async () => {
      await call(page, 'sync.now')
      await until(page, async () => (await countBatches(page)) >= Math.max(before, moved))
    })

    const ids = await decidable(page)
    let recorded = 0
    const made = await watched(desk, `${ids.length} decisions recorded`, async () => {
      recorded = await decide(page, ids)
    })
    const sent = await watched(desk, `${recorded} decisions sent`, () =>
      until(page, ({ counts }) => counts.applied + counts.rejected + counts.conflict >= recorded),
    )

    await owner.query(
      `select public.end_assignments(array(select a.batch_id from public.assignments a where a.user_id = $1 and a.ended_at is null), $1)`,
      [person.id],
    )
    const gone = await watched(desk, `${moved} batches taken away at once`, async () => {
      await call(page, 'sync.now')
      await until(page, async () => (await countBatches(page)) <= before)
    })
    await app.close()
    return [...come, ...made, ...sent, ...gone]
  } finally {
    await owner.end()
    await workspace.end()
  }
}
