import { type BenchRow, percentile } from './bench-row.ts'
import { ownMilliseconds } from './own-time.ts'
import { forkPeer, installPeers, peerVersion } from './peer-runs.ts'
import { startPushService } from './push-service.ts'
import { openPushBench } from './push-workspace.ts'

const decisions = 1000
/** The first few also compile the program. */
const rounds = 15
const target = 100

const peers = [
  { name: 'WatermelonDB', file: 'watermelondb-push.mjs', package: '@nozbe/watermelondb' },
  { name: 'PowerSync', file: 'powersync-push.mjs', package: '@powersync/node' },
  { name: 'PouchDB', file: 'pouchdb-push.mjs', package: 'pouchdb' },
] as const

/**
 * 1,000 decisions that wait in the encrypted outbox, sent to a service on this machine that only acknowledges them, until the fate of
 * each is on the disk with its entry in the log: what a push costs the workstation itself. Beside it the least that ten exchanges and
 * ten commits can take, and 1,000 changed rows that wait in the peers' unencrypted databases, sent by their own means to the same
 * service until nothing waits any more. Medians; waiting for a processor that is busy otherwise does not count, for anybody.
 */
export async function benchSyncPush(): Promise<BenchRow[]> {
  const service = await startPushService()
  const bench = openPushBench(service.url, decisions * rounds)
  const own: number[] = []
  const plain: number[] = []
  try {
    for (let round = 0; round < rounds; round += 1) {
      bench.decide(decisions)
      plain.push(await bench.pushPlainly(ownMilliseconds))
      await service.taken()
      own.push(await ownMilliseconds(bench.push))
      const taken = await service.taken()
      if (taken !== decisions) throw new Error(`The service took ${taken} changes`)
    }
    const value = percentile(own, 0.5)
    const least = percentile(plain, 0.5)
    return [
      {
        name: '1,000 decisions sent, to a service that only acknowledges',
        value,
        unit: 'ms',
        target,
        better: 'lower',
        ok: value <= target,
        peer: {
          name: `ten exchanges and ten commits of the same rows; ${await peerPushes(service.url)}`,
          value: least,
          unit: 'ms',
        },
      },
    ]
  } finally {
    bench.dispose()
    await service.stop()
  }
}

/** What the peers take, or why they did not run. */
async function peerPushes(url: string): Promise<string> {
  const problem = await installPeers()
  const told: string[] = []
  for (const { name, file, package: packageName } of peers) {
    const label = `${name} ${peerVersion(packageName)}`
    const outcome = problem === null ? await forkPeer(file, url, decisions) : { problem }
    told.push(
      'problem' in outcome
        ? `${label} did not run (${outcome.problem})`
        : `${label} ${Number(outcome.milliseconds.toPrecision(3))} ms`,
    )
  }
  return told.join('; ')
}
