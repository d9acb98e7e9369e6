import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findOutboxItem, outboxCounts } from '../outbox/list-outbox.ts'
import { readFact } from './facts.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { type FaultyNetwork, faultyNetwork } from './testing/faulty-network.ts'

const done = { ok: true, value: null }

/** The restore itself is drilled in tools/cloud-operations; here rows and ledger go back behind the triggers, as a backup has them. */
describe('a cloud that lost what it had applied', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let network: FaultyNetwork
  let device: TestDevice
  let batch = 0
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  beforeEach(async () => {
    network = faultyNetwork()
    device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    expect(await device.sync()).toEqual(done)
    batch += 1
  })
  afterEach(() => device.dispose())

  const score = (points: number, rowId?: string, baseVersion = 0) => {
    const draft = scoreDraft(device.database(), rows.batch(batch), {
      points,
      ...(rowId === undefined ? {} : { rowId }),
    })
    return { rowId: draft.rowId, mutationId: device.change({ ...draft, baseVersion }) }
  }
  const stateOf = (mutationId: string) => findOutboxItem(device.database().read, mutationId)?.state
  const inCloud = async (rowId: string) =>
    (await cloud.owner.query('select points, version from public.scores where id = $1', [rowId])).rows
  const goBack = async (mutationIds: readonly string[], finish = 'select private.finish_restore()') => {
    await cloud.owner.query("set session_replication_role = 'replica'")
    await cloud.owner.query(
      'delete from public.scores s using public.sync_mutations m where m.row_id = s.id and m.mutation_id = any ($1)',
      [mutationIds],
    )
    await cloud.owner.query('delete from public.sync_mutations where mutation_id = any ($1)', [mutationIds])
    await cloud.owner.query("set session_replication_role = 'origin'")
    await cloud.owner.query(finish)
  }
  const expectTruth = async () =>
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people.auditor.id))

  it('fault 8: gets it again, in the old order and before what was made since, and the log says so', async () => {
    const first = score(1)
    await device.sync()
    const second = score(2, first.rowId, 1)
    await device.sync()
    expect(await inCloud(first.rowId)).toEqual([{ points: 2, version: 2 }])
    await goBack([first.mutationId, second.mutationId])
    const third = score(3, first.rowId, 2)
    expect(await device.sync()).toEqual(done)
    expect([first, second, third].map(({ mutationId }) => stateOf(mutationId))).toEqual([
      'applied',
      'applied',
      'applied',
    ])
    expect(await inCloud(first.rowId)).toEqual([{ points: 3, version: 3 }])
    await expectTruth()
    const { build, read } = device.database()
    expect(
      read.column(build.selectFrom('audit_event').select('entity_id').where('action', '=', 'change.lost_by_restore')),
    ).toEqual([first.mutationId, second.mutationId])
    expect(read.all(build.selectFrom('pending_row').selectAll())).toEqual([])
  })

  it('fault 8: what it still has is not sent again', async () => {
    const kept = score(4)
    await device.sync()
    await goBack([])
    network.calls.length = 0
    expect(await device.sync()).toEqual(done)
    expect(network.calls.filter((path) => path.endsWith('sync_push'))).toEqual([])
    expect(stateOf(kept.mutationId)).toBe('applied')
    expect(await inCloud(kept.rowId)).toEqual([{ points: 4, version: 1 }])
    await expectTruth()
  })

  it('fault 8: cut off while it asks, the workstation asks again, and the change stays in sight meanwhile', async () => {
    const lost = score(2)
    await device.sync()
    await goBack([lost.mutationId])
    network.decide = (path) => (path.endsWith('sync_applied') ? { kind: 'lose_answer' } : null)
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_unreachable' } })
    network.decide = (path) => (path.endsWith('sync_push') ? { kind: 'refuse_connection' } : null)
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_unreachable' } })
    device.restart()
    expect(findOutboxItem(device.database().read, lost.mutationId)).toMatchObject({ state: 'queued' })
    const { build, read } = device.database()
    expect(read.all(build.selectFrom('pending_row').select(['table_name', 'row_id']))).toEqual([
      { table_name: 'score', row_id: lost.rowId },
    ])
    network.decide = () => null
    expect(await device.sync()).toEqual(done)
    expect(await inCloud(lost.rowId)).toEqual([{ points: 2, version: 1 }])
    await expectTruth()
  })

  it('fault 8: what the restored cloud does not take any more is a conflict in sight, with both sides', async () => {
    const lost = score(2)
    await device.sync()
    await goBack([lost.mutationId])
    const other = await openTestDevice(cloud.profile, people.auditor)
    await other.sync()
    other.change(scoreDraft(other.database(), rows.batch(batch), { points: 5 }))
    await other.sync()
    other.dispose()
    expect(await device.sync()).toEqual(done)
    expect(findOutboxItem(device.database().read, lost.mutationId)).toMatchObject({
      state: 'conflict',
      theirs: { points: 5 },
      mine: { points: 2 },
    })
    // The row that the cloud lost stays until the person has said what is to become of it.
    device.database().write((handle) => {
      handle.prepare("update outbox set state = 'superseded' where mutation_id = ?").run(lost.mutationId)
    })
    expect(await device.sync()).toEqual(done)
    await expectTruth()
  })

  it('fault 8: a cursor that is ahead of the cloud raises the question too, without another epoch', async () => {
    const lost = score(3)
    await device.sync()
    await goBack([lost.mutationId], 'select private.rebuild_feed()')
    device.database().write((handle) => handle.prepare("update sync_scope set cursor = '99999999:99999999:'").run())
    expect(await device.sync()).toEqual(done)
    expect(await inCloud(lost.rowId)).toEqual([{ points: 3, version: 1 }])
    await expectTruth()
  })

  it('fault 8: an older cloud that cannot be asked stops nothing, and is asked once it can', async () => {
    const lost = score(1)
    await device.sync()
    await goBack([lost.mutationId])
    network.decide = (path) =>
      path.endsWith('sync_applied')
        ? { kind: 'answer', status: 404, body: '{"code":"PGRST202","message":"no such function"}' }
        : null
    expect(await device.sync()).toEqual(done)
    await expectTruth()
    expect(readFact(device.database().read, device.database(), 'sync.ledger_unsure')).toBe(true)
    network.decide = () => null
    expect(await device.sync()).toEqual(done)
    expect(outboxCounts(device.database().read)).toMatchObject({ applied: 1, queued: 0 })
    expect(await inCloud(lost.rowId)).toEqual([{ points: 1, version: 1 }])
    await expectTruth()
  })

  it('fault 8: a long history is asked for in parts', async () => {
    const lost = score(2)
    await device.sync()
    device.database().write((handle) => {
      handle
        .prepare(
          `insert into outbox (mutation_id, kind, state, batch_id, row_id, body, schema_version, summary, created_at)
           with recursive n (i) as (select 1 union all select i + 1 from n where i < 2500)
           select printf('0000000e-0000-4000-8000-%012x', i), kind, 'superseded', batch_id, row_id, body, 1, 'Old', created_at
           from n, (select * from outbox limit 1)`,
        )
        .run()
      handle.prepare("update outbox set state = 'applied' where state = 'superseded'").run()
    })
    await cloud.owner.query(
      `insert into public.sync_mutations (mutation_id, user_id, request_hash, kind, status)
       select ('0000000e-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, $1, '', 'score.set', 'applied' from generate_series(1, 2500) i`,
      [people.auditor.id],
    )
    await goBack([lost.mutationId])
    network.calls.length = 0
    expect(await device.sync()).toEqual(done)
    expect(network.calls.filter((path) => path.endsWith('sync_applied'))).toHaveLength(3)
    expect(await inCloud(lost.rowId)).toEqual([{ points: 2, version: 1 }])
  })
})
