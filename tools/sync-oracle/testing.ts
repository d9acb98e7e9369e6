import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  startCloudFixture,
} from '../../electron/sync/testing/cloud-fixture.ts'
import { type Oracle, openOracle } from './open-oracle.ts'
import type { ScheduleName } from './run-schedule.ts'
import { makeSchedule } from './schedule.ts'

/** Schedules that once failed stay here, each with what was wrong. */
const onceFailed: readonly (ScheduleName & { readonly why: string })[] = []

/** Schedules of one file of tests, in tests of ten; two files run beside each other. */
const count = 100
const each = 10
/** Other seeds each time, unless one is given; a failure names its own. */
const firstSeed = Number(process.env.VERIDESK_SEED ?? Math.floor(Math.random() * 2 ** 30))

/** Half of the schedules that `npm test` runs, each half in a file and a cloud of its own. */
export const describeSchedules = (half: 0 | 1): void => {
  describe('schedules that mix edits, reassignments, permissions, kills, networks and clocks', {
    timeout: 2 * cloudTestMilliseconds,
  }, () => {
    let cloud: CloudFixture
    let oracle: Oracle
    beforeAll(async () => {
      cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
      oracle = await openOracle(cloud)
    }, cloudTestMilliseconds)
    afterAll(async () => {
      await oracle.end()
      await cloud.stop()
    })

    const check = async (...names: readonly ScheduleName[]) => {
      for await (const { seed, steps, clients, faults } of oracle.run(names)) {
        const command = `npm run sync:oracle -- --seed ${seed} --steps ${steps} --clients ${clients}`
        // In words: a list would be cut short where a test that needed a second try is told of.
        expect(faults.join('\n'), command).toBe('')
      }
    }

    if (half === 0) {
      it('a seed always gives the same steps', () => {
        expect(makeSchedule(7, 50, 3)).toEqual(makeSchedule(7, 50, 3))
        expect(makeSchedule(7, 50, 3)).not.toEqual(makeSchedule(8, 50, 3))
      })
      it.each(onceFailed)('$why (seed $seed)', (name) => check(name))
    }

    it.each(Array.from({ length: count / each }, (_, index) => firstSeed + half * count + index * each))(
      `from seed %i, ${each} schedules: mirrors are what the cloud shows, each change is applied once or seen not to be`,
      (seed) =>
        check(
          ...Array.from({ length: each }, (_, index) => ({ seed: seed + index, steps: 14, clients: 1 + (index % 2) })),
        ),
    )
  })
}
