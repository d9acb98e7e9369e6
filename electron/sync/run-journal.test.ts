import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StorageError } from '../database/storage-error.ts'
import { silentLog } from '../platform/log.ts'
import { createEvidenceFiles } from './evidence-files.ts'
import { createRunJournal, kindOfScope } from './run-journal.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

describe('the journal of synchronization', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  const runsOf = (device: TestDevice) => {
    const { build, read } = device.database()
    return read.all(build.selectFrom('sync_run').selectAll().orderBy('run'))
  }
  const exchangesOf = (device: TestDevice, run: number | undefined) => {
    const { build, read } = device.database()
    return read.all(
      build
        .selectFrom('sync_exchange')
        .selectAll()
        .where('run', '=', run ?? 0)
        .orderBy('exchange'),
    )
  }

  it('notes each exchange of a first fetch with its rows, its bytes on the wire and the status of its answer', async () => {
    let received = 0
    const device = await openTestDevice(cloud.profile, people.auditor, {
      fetch: async (input, init) => {
        const answer = await fetch(input, init)
        const body = await answer.arrayBuffer()
        if (String(input).includes('sync_bootstrap')) received += body.byteLength
        return new Response(body, { status: answer.status, headers: answer.headers })
      },
    })
    await device.sync()
    const [run] = runsOf(device)
    expect(run).toMatchObject({ kind: 'sync', outcome: 'done', attempt: 1, error_code: null, quiet_runs: 0 })
    const exchanges = exchangesOf(device, run?.run)
    expect(exchanges[0]).toMatchObject({ kind: 'handshake', http_status: 200, scope: null })
    const fetched = exchanges.filter(({ kind }) => kind === 'bootstrap')
    expect(fetched.every(({ bytes_in, bytes_out }) => bytes_in > 0 && bytes_out > 0)).toBe(true)
    expect(fetched.reduce((sum, { bytes_in }) => sum + bytes_in, 0)).toBe(received)
    const batches = fetched.filter(({ table_name, scope }) => table_name === 'batches' && scope === 'person')
    expect(batches.reduce((sum, { rows_in }) => sum + rows_in, 0)).toBe(20)
    expect(run).toMatchObject({
      exchanges: exchanges.length,
      rows_in: exchanges.reduce((sum, { rows_in }) => sum + rows_in, 0),
      bytes_in: exchanges.reduce((sum, { bytes_in }) => sum + bytes_in, 0),
      clock_offset_ms: device.cloud.clockOffsetMilliseconds(),
    })
    device.dispose()
  })

  it('makes one line of runs in which nothing happened, and another of the next that sends something', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    for (let count = 0; count < 4; count += 1) await device.sync()
    const before = runsOf(device)
    expect(before.map(({ quiet_runs }) => quiet_runs)).toEqual([0, 3])
    expect(before[1]?.exchanges).toBe(3 * exchangesOf(device, before[1]?.run).length)
    device.change(scoreDraft(device.database(), rows.batch(4)))
    await device.sync()
    const sent = runsOf(device).at(-1)
    expect(sent).toMatchObject({ quiet_runs: 0, rows_out: 1, outcome: 'done' })
    expect(exchangesOf(device, sent?.run).find(({ kind }) => kind === 'push')).toMatchObject({
      rows_out: 1,
      rows_in: 1,
    })
    device.dispose()
  })

  it('keeps how a run failed and where', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    network.decide = (path) => (path.endsWith('/sync_pull') ? { kind: 'refuse_connection' } : null)
    await device.sync()
    const [run] = runsOf(device)
    expect(run).toMatchObject({ outcome: 'failed', error_code: 'cloud_unreachable' })
    expect(exchangesOf(device, run?.run).at(-1)).toMatchObject({
      kind: 'pull',
      outcome: 'failed',
      error_code: 'cloud_unreachable',
      http_status: null,
      bytes_in: 0,
    })
    device.dispose()
  })

  it('notes the files of a transfer, and the bytes that arrived of one that broke off', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const files = createEvidenceFiles({ context: device.context(), mayFetch: () => true, onArrived: () => {} })
    await files.prefetch(new AbortController().signal)
    const run = runsOf(device).at(-1)
    expect(run).toMatchObject({ kind: 'files', outcome: 'done', rows_in: 12, exchanges: 12 })
    expect(run?.bytes_in).toBeGreaterThan(500_000)
    device.dispose()
  })

  it('does not stand in the way: what cannot be written is left out', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    const full = new StorageError({ code: 'disk_full', message: 'The disk is full.' }, null)
    const journal = createRunJournal({
      database: () => ({
        ...device.database(),
        write: () => {
          throw full
        },
      }),
      clock: device.clock,
      log: silentLog,
      kind: 'sync',
      clockOffsetMilliseconds: () => null,
    })
    expect(await device.sync({ journal })).toEqual({ ok: true, value: null })
    expect(runsOf(device)).toEqual([])
    device.dispose()
  })

  it('knows scopes by their kind alone', () => {
    expect(kindOfScope(`person:${people.auditor.id}`)).toBe('person')
    expect(kindOfScope('pool:bodies')).toBe('pool')
    expect(kindOfScope('reference')).toBe('reference')
  })
})
