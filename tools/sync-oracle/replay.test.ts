import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  startCloudFixture,
} from '../../electron/sync/testing/cloud-fixture.ts'
import type { MirroredWorkspace } from './client.ts'
import { mirrorWorkspaces, runSchedule, type ScheduleOutcome } from './run-schedule.ts'
import { makeSchedule, type Step } from './schedule.ts'
import { addOracleClients } from './world.ts'

/** Every kind of step and network comes in the schedules of these at least once. */
const seeds = [9, 16, 23]
const shape = { steps: 70, clients: 2 }

/** The same whatever ids the rows of a run were given. */
const withoutIds = (outcome: ScheduleOutcome): unknown => {
  const names = new Map<string, string>()
  const text = JSON.stringify(outcome).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => {
    names.set(id, names.get(id) ?? `id ${names.size}`)
    return names.get(id) ?? ''
  })
  return JSON.parse(text)
}

describe('a schedule that is run again', { timeout: 2 * cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let workspaces: readonly MirroredWorkspace[]
  let runs = 0
  let takenBack = 0
  beforeAll(async () => {
    cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
    await addOracleClients(cloud)
    workspaces = await mirrorWorkspaces(cloud, shape.clients)
  }, cloudTestMilliseconds)
  afterAll(async () => {
    for (const workspace of workspaces) workspace.dispose()
    await cloud.stop()
  })
  const run = async (seed: number, steps = shape.steps) =>
    runSchedule(cloud, workspaces, ++runs, { seed, ...shape, steps })

  it('has every kind of step among those of the seeds', () => {
    const kinds: Record<Step['kind'], true> = {
      edit_batch: true,
      rename_project: true,
      assign: true,
      unassign: true,
      suspend: true,
      reinstate: true,
      take_permission: true,
      give_permission: true,
      open_register: true,
      close_register: true,
      new_epoch: true,
      take_backup: true,
      restore_backup: true,
      score: true,
      find: true,
      claim: true,
      decide: true,
      undo: true,
      sync: true,
      kill: true,
      jump_clock: true,
      older_program: true,
    }
    const made = seeds.flatMap((seed) => makeSchedule(seed, shape.steps, shape.clients))
    expect(Object.keys(kinds).filter((kind) => !made.some((step) => step.kind === kind))).toEqual([])
    expect(new Set(made.map((step) => (step.kind === 'sync' ? step.network : ''))).size).toBe(8)
  })

  it.each(seeds)('ends the same, to the fate of every change (seed %i)', async (seed) => {
    const first = await run(seed)
    expect(first.faults).toEqual([])
    expect(first.changes).toBeGreaterThan(5)
    expect(withoutIds(await run(seed))).toEqual(withoutIds(first))
    takenBack += first.takenBack
  })

  it('has had changes taken back by a restored cloud', () => {
    expect(takenBack).toBeGreaterThan(5)
  })

  it('fails the same: a feed that keeps changes to itself is found by every run of the seed', async () => {
    await cloud.owner.query('alter table public.batches disable trigger feed_batches_update')
    try {
      // Without a restore or another epoch, which would make up for it.
      const first = await run(8, 40)
      expect(first.faults.join()).toMatch(/batches: missing/)
      expect(withoutIds(await run(8, 40))).toEqual(withoutIds(first))
    } finally {
      await cloud.owner.query('alter table public.batches enable trigger feed_batches_update')
    }
  })
})
