import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import pg from 'pg'
import { recordDecision } from '../../electron/decisions/record-decision.ts'
import { people } from '../../electron/sync/testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from '../../electron/sync/testing/device.ts'
import type { CloudProfile } from '../../shared/contract/views.ts'
import type { BatchId } from '../../shared/domain/ids.ts'
import { type BenchRow, percentile } from './bench-row.ts'
import { startCountingProxy } from './counting-proxy.ts'

const batches = 20_000
const decisions = 1000
const rounds = 3
const pageRows = 2000
/** What a push may take of what its calls take in the cloud alone. What it costs without a cloud is measured by `sync-push`. */
const besideCloud = 1.3

/**
 * A workstation and a real cloud in another process: 100 rows that changed in the cloud, 1,000 decisions sent, and a synchronization
 * with nothing new, whose bytes are counted on the wire, headers and all, both ways. They are plain HTTP/1.1 with the short token and
 * few headers of the local cloud; encryption comes on top, and a hosted project's token and headers are longer.
 */
export async function benchSyncExchange(): Promise<BenchRow[]> {
  const cloud = fork(join(import.meta.dirname, 'sync-cloud.ts'), [String(batches), String(decisions * rounds)])
  const [{ profile, databaseUrl }] = (await once(cloud, 'message')) as [
    { readonly profile: CloudProfile; readonly databaseUrl: string },
  ]
  const owner = new pg.Client({ connectionString: databaseUrl })
  await owner.connect()
  try {
    return [
      ...(await benchChanges(profile, owner)),
      ...(await benchDecisions(profile)),
      ...(await benchIdle(profile, owner)),
    ]
  } finally {
    await owner.end()
    cloud.send('stop')
    await once(cloud, 'exit')
  }
}

async function sync(device: TestDevice): Promise<void> {
  const result = await device.sync({ pageRows })
  if (!result.ok) throw new Error(result.error.message)
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

const median = (samples: readonly number[]): number => percentile(samples, 0.5)

async function benchChanges(profile: CloudProfile, owner: pg.Client): Promise<BenchRow[]> {
  const device = await openTestDevice(profile, people.compliance)
  await sync(device)
  const changed: number[] = []
  const nothing: number[] = []
  for (let round = 0; round < 7; round += 1) {
    nothing.push(await milliseconds(() => sync(device)))
    await owner.query(
      `update public.batches set location = 'Moved ' || $1::integer where id in
       (select id from public.batches where status = 'pending' order by md5(id::text || $1::text) limit 100)`,
      [round],
    )
    changed.push(await milliseconds(() => sync(device)))
  }
  const arrived = device
    .database()
    .write((handle) => handle.prepare("select count(*) as found from batch where location like 'Moved %'").get())
  device.dispose()
  if ((arrived as { readonly found: number }).found < 100) throw new Error('The changed rows did not arrive')
  const value = median(changed)
  return [
    {
      name: '100 changed rows, from the real cloud into 20,000 mirrored',
      value,
      unit: 'ms',
      target: 40,
      better: 'lower',
      ok: value <= 40,
      peer: { name: 'the same synchronization with nothing new', value: median(nothing), unit: 'ms' },
    },
  ]
}

async function benchDecisions(profile: CloudProfile): Promise<BenchRow[]> {
  const device = await openTestDevice(profile, people.desk)
  await sync(device)
  const ids = device.database().read.column<string>(
    device
      .database()
      .build.selectFrom('batch')
      .select('id')
      .where('status', '=', 'under_review')
      .orderBy('id', 'desc')
      .limit(decisions * rounds),
  ) as readonly BatchId[]
  const sent: number[] = []
  const cloudTime: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const outcome = recordDecision(
      {
        database: device.database(),
        clock: device.clock,
        person: device.person,
        deviceId: device.deviceId,
        settings: { theme: 'system', holdSeconds: 0, singleLetterKeys: true, density: 32 },
        log: device.context().log,
        clockOffsetMilliseconds: 0,
      },
      {
        batchIds: ids.slice(round * decisions, (round + 1) * decisions),
        action: 'request_changes',
        reasonCode: 'other',
        reason: 'The tickets do not add up',
        acknowledgedGates: [],
      },
    )
    if (!outcome.ok) throw new Error(outcome.error.message)
    const refused = outcome.value.find((each) => each.refused !== null)?.refused
    if (refused) throw new Error(refused.message)
    let inCloud = 0
    const context = device.context()
    sent.push(
      await milliseconds(() =>
        device.sync({
          pageRows,
          cloud: {
            ...context.cloud,
            push: async (mutations, options) => {
              const started = performance.now()
              const answer = await context.cloud.push(mutations, options)
              inCloud += performance.now() - started
              return answer
            },
          },
        }),
      ),
    )
    cloudTime.push(inCloud)
  }
  const applied = device
    .database()
    .write((handle) => handle.prepare("select count(*) as found from outbox where state = 'applied'").get())
  device.dispose()
  if ((applied as { readonly found: number }).found !== decisions * rounds) throw new Error('Not all were applied')
  const value = median(sent)
  const least = median(cloudTime)
  const target = least * besideCloud
  return [
    {
      name: '1,000 decisions sent, each checked by every gate of the cloud',
      value,
      unit: 'ms',
      target,
      better: 'lower',
      ok: value <= target,
      peer: { name: 'of that waiting for the cloud, ten calls', value: least, unit: 'ms' },
    },
  ]
}

async function benchIdle(profile: CloudProfile, owner: pg.Client): Promise<BenchRow[]> {
  await owner.query(`create function public.answer_nothing() returns void language sql as '';
    grant execute on function public.answer_nothing() to authenticated`)
  const proxy = await startCountingProxy(profile.url)
  let headers = new Headers()
  const device = await openTestDevice({ ...profile, url: proxy.url }, people.desk, {
    fetch(input, init) {
      headers = new Headers(init?.headers)
      return fetch(input, init)
    },
  })
  /** What no call can do without: the same headers, with token and key, and nothing said or answered. */
  const callForNothing = async () => {
    const answer = await fetch(new URL('/rest/v1/rpc/answer_nothing', proxy.url), {
      method: 'POST',
      headers,
      body: '{}',
    })
    if (answer.status !== 204) throw new Error(`Calling for nothing was answered ${answer.status}`)
  }
  const spendingOf = async (work: () => Promise<void>) => {
    const before = await proxy.bytes()
    const used = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(used)
    return { kilobytes: ((await proxy.bytes()) - before) / 1024, processor: (user + system) / 1000 }
  }
  await sync(device)
  await sync(device)
  const idle: Awaited<ReturnType<typeof spendingOf>>[] = []
  const least: Awaited<ReturnType<typeof spendingOf>>[] = []
  for (let round = 0; round < 20; round += 1) {
    idle.push(await spendingOf(() => sync(device)))
    least.push(await spendingOf(callForNothing))
  }
  device.dispose()
  await proxy.stop()
  const value = median(idle.map(({ kilobytes }) => kilobytes))
  const needed = median(least.map(({ kilobytes }) => kilobytes))
  const spent = median(idle.map(({ processor }) => processor))
  const sameCall = 'a call of a function that answers nothing, same token and key'
  return [
    {
      name: 'bytes of a synchronization with nothing new',
      value,
      unit: 'KB',
      target: 1,
      better: 'lower',
      ok: value <= 1,
      peer: { name: sameCall, value: needed, unit: 'KB' },
    },
    {
      name: 'of these its own, beyond such a call for nothing',
      value: value - needed,
      unit: 'KB',
      target: 0.25,
      better: 'lower',
      ok: value - needed <= 0.25,
    },
    {
      name: 'processor time of a synchronization with nothing new',
      value: spent,
      unit: 'ms',
      target: 5,
      better: 'lower',
      ok: spent <= 5,
      peer: { name: sameCall, value: median(least.map(({ processor }) => processor)), unit: 'ms' },
    },
  ]
}
