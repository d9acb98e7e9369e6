import { isDeepStrictEqual } from 'node:util'
import type { CloudFixture } from '../../electron/sync/testing/cloud-fixture.ts'
import { mirrorOf, truthOf } from '../../electron/sync/testing/device.ts'
import { type Client, type MirroredWorkspace, mirrorWorkspace, openClient } from './client.ts'
import { type CloudSide, openCloudSide } from './cloud-steps.ts'
import { makeSchedule, type Step } from './schedule.ts'
import { openSlowLink } from './slow-link.ts'
import { makeWorld, oracleClients, type World } from './world.ts'

/** Which schedule: the same three numbers give the same steps. */
export interface ScheduleName {
  readonly seed: number
  readonly steps: number
  readonly clients: number
}

/** What became of a schedule. */
export interface ScheduleOutcome extends ScheduleName {
  /** Local changes that were made, and how many the cloud has applied. */
  readonly changes: number
  readonly applied: number
  /** Changes that the cloud had applied and did not know any more after it was restored. */
  readonly takenBack: number
  /** What became of each change, in the order in which it was made, client by client. */
  readonly fates: readonly string[]
  /** What the oracle found wrong; empty when it holds. */
  readonly faults: readonly string[]
}

/** Fates that may stand at the end: the change is in the cloud, or it is on show as one that is not. */
const finalStates = new Set(['applied', 'conflict', 'rejected', 'waiting', 'undone', 'superseded'])

/** Workspaces of so many people, mirrored. Schedules begin from copies of them. */
export const mirrorWorkspaces = (cloud: CloudFixture, clients: number): Promise<readonly MirroredWorkspace[]> =>
  Promise.all(oracleClients.slice(0, clients).map((who) => mirrorWorkspace(cloud.profile, who)))

/**
 * Runs one schedule against a real cloud and holds the end against the oracle: each mirror is the same query under row-level security,
 * and each local change is applied exactly once or visible as not applied. `run` is another number for each schedule of this cloud.
 */
export async function runSchedule(
  cloud: CloudFixture,
  workspaces: readonly MirroredWorkspace[],
  run: number,
  name: ScheduleName,
): Promise<ScheduleOutcome> {
  const world = await makeWorld(cloud, run, name.clients)
  const cloudSide = openCloudSide(cloud, world)
  const slowLink = await openSlowLink(cloud.profile.url, name.seed)
  const clients: Client[] = []
  try {
    for (const workspace of workspaces.slice(0, name.clients))
      clients.push(await openClient(cloud.profile, workspace, slowLink.url))
    for (const client of clients) await client.sync('good', 500, 0)
    for (const step of makeSchedule(name.seed, name.steps, name.clients)) await take(cloudSide, world, clients, step)
    await cloudSide.reinstateAll()
    const faults: string[] = []
    let changes = 0
    let applied = 0
    const fates: string[] = []
    for (const client of clients) await client.settle()
    // What one of them sent has changed what the others see.
    for (const client of clients) {
      await client.settle()
      const checked = await checkChanges(cloud, client)
      changes += checked.changes
      applied += checked.applied
      fates.push(...checked.fates)
      faults.push(...checked.faults, ...(await checkMirror(cloud, client)))
    }
    return { ...name, changes, applied, takenBack: cloudSide.takenBack().size, fates, faults }
  } catch (error) {
    return {
      ...name,
      changes: 0,
      applied: 0,
      takenBack: 0,
      fates: [],
      faults: [error instanceof Error ? error.message : String(error)],
    }
  } finally {
    for (const client of clients) client.dispose()
    await slowLink.close()
    await cloudSide.end()
    await world.end()
  }
}

/** Does one step, at the cloud or at a workstation. */
async function take(cloudSide: CloudSide, world: World, clients: readonly Client[], step: Step): Promise<void> {
  switch (step.kind) {
    case 'sync':
      return clients[step.client]?.sync(step.network, step.pageRows, step.salt)
    case 'kill':
      return clients[step.client]?.kill(step.atWrite)
    case 'jump_clock':
      return clients[step.client]?.jumpClock(step.hours)
    case 'older_program':
      return clients[step.client]?.writeAs(step.versions)
    case 'score':
    case 'find':
    case 'claim':
    case 'decide':
    case 'undo':
      return clients[step.client]?.act(step, world.project)
    default:
      return cloudSide.take(step)
  }
}

async function checkChanges(
  { owner }: CloudFixture,
  { device, who }: Client,
): Promise<Pick<ScheduleOutcome, 'changes' | 'applied' | 'fates' | 'faults'>> {
  const { build, read } = device.database()
  const outbox = read.all(
    build.selectFrom('outbox').select(['mutation_id', 'state', 'kind', 'row_id']).orderBy('sequence'),
  )
  const { rows: ledger } = await owner.query<{ mutation_id: string; status: string }>(
    'select mutation_id, status from public.sync_mutations where mutation_id = any ($1)',
    [outbox.map(({ mutation_id }) => mutation_id)],
  )
  const { rows: decided } = await owner.query<{ id: string }>('select id from public.decisions where id = any ($1)', [
    outbox.map(({ row_id }) => row_id),
  ])
  const statusOf = new Map(ledger.map(({ mutation_id, status }) => [mutation_id, status]))
  const decisions = new Set(decided.map(({ id }) => id))
  const faults: string[] = []
  for (const { mutation_id, state, kind, row_id } of outbox) {
    const inCloud = statusOf.get(mutation_id) === 'applied'
    const change = `${who.email}: ${kind} ${mutation_id}`
    if (!finalStates.has(state)) faults.push(`${change} is still ${state}`)
    if (inCloud !== (state === 'applied'))
      faults.push(`${change} is ${state} here and ${statusOf.get(mutation_id) ?? 'unknown'} in the cloud`)
    if (kind === 'decision.record' && decisions.has(row_id) !== inCloud)
      faults.push(
        `${change}: the cloud ${inCloud ? 'lacks the decision that it applied' : 'holds a decision that it did not apply'}`,
      )
  }
  return {
    changes: outbox.length,
    applied: outbox.filter(({ state }) => state === 'applied').length,
    fates: outbox.map(({ kind, state }) => `${who.email}: ${kind} ${state}`),
    faults,
  }
}

async function checkMirror({ owner }: CloudFixture, client: Client): Promise<readonly string[]> {
  const { device, who } = client
  // What left with open work on it stays until the person has let go of that: they do, and it must go.
  device.database().write((handle) => {
    handle.prepare("update outbox set state = 'superseded' where state in ('conflict', 'rejected', 'waiting')").run()
  })
  const { mirror, truth } = await atRest(owner, client)
  return Object.keys(truth).flatMap((table) => {
    const here = new Set(mirror[table])
    const there = new Set(truth[table])
    if (isDeepStrictEqual([...here].sort(), [...there].sort())) return []
    const missing = [...there].filter((line) => !here.has(line))
    const surplus = [...here].filter((line) => !there.has(line))
    return [
      `${who.email}: ${table}: missing ${missing.join(', ') || 'nothing'}; not in the cloud ${surplus.join(', ') || 'nothing'}`,
    ]
  })
}

/** The cloud signs grants by itself, and may do so between a pull and a look at it: both are read while nothing changes there. */
async function atRest(owner: CloudFixture['owner'], client: Client) {
  let truth = await truthOf(owner, client.who.id)
  for (let tries = 0; ; tries += 1) {
    await client.settle()
    const mirror = mirrorOf(client.device.database())
    const before = truth
    truth = await truthOf(owner, client.who.id)
    if (isDeepStrictEqual(before, truth) || tries === 20) return { mirror, truth }
  }
}
