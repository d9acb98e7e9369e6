import { startCloudFixture } from '../../electron/sync/testing/cloud-fixture.ts'
import { openOracle } from '../sync-oracle/open-oracle.ts'
import type { BenchRow } from './bench-row.ts'

/** Thousands, unless the environment says another number: some twenty minutes on two idle cores. */
const schedules = Number(process.env.VERIDESK_ORACLE_SCHEDULES ?? 2000)
const steps = 14
const slowest = 0.5

/** Schedules of the sync oracle, one after the other against one local cloud: how many hold, and how many a second. Names the seeds that fail. */
export async function benchSyncOracle(): Promise<BenchRow[]> {
  const firstSeed = Number(process.env.VERIDESK_SEED ?? Math.floor(Math.random() * 2 ** 30))
  const cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
  try {
    const oracle = await openOracle(cloud)
    const names = Array.from({ length: schedules }, (_, index) => ({
      seed: firstSeed + index,
      steps,
      clients: 1 + (index % 2),
    }))
    let failures = 0
    let changes = 0
    const begun = performance.now()
    for await (const outcome of oracle.run(names)) {
      changes += outcome.changes
      if (outcome.faults.length === 0) continue
      failures += 1
      process.stderr.write(
        `npm run sync:oracle -- --seed ${outcome.seed} --steps ${steps} --clients ${outcome.clients}\n  ${outcome.faults.join('\n  ')}\n`,
      )
    }
    const perSecond = schedules / ((performance.now() - begun) / 1000)
    await oracle.end()
    return [
      {
        name: `schedules of the sync oracle that fail, of ${schedules} from seed ${firstSeed} with ${changes} changes`,
        value: failures,
        unit: 'schedules',
        target: 1,
        better: 'lower',
        ok: failures === 0,
      },
      {
        name: 'schedules of the sync oracle',
        value: perSecond,
        unit: '/s',
        target: slowest,
        better: 'higher',
        ok: perSecond > slowest,
      },
    ]
  } finally {
    await cloud.stop()
  }
}
