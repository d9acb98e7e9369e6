import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enqueueMutations } from '../outbox/enqueue-mutation.ts'
import { outboxCounts } from '../outbox/list-outbox.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

const done = { ok: true, value: null }
const changes = 10_000
/** A hundred thousand of them are a matter for a bench; here as many as a test may take. */
const moved = 5000

describe('much work at once', { timeout: 5 * cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture({ batches: moved, evidenceFiles: 0 })
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())
  const expectTruth = async (device: TestDevice) =>
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, device.person.id))
  const all = Array.from({ length: moved }, (_, number) => rows.batch(number))

  it('fault 25: thousands of batches that change hands in one transaction leave one mirror and come to the other', async () => {
    const [from, to] = [
      await openTestDevice(cloud.profile, people.auditor),
      await openTestDevice(cloud.profile, people.desk),
    ]
    await cloud.owner.query('select public.assign_batches($1, $2, $3)', [all, people.auditor.id, 'accredited_auditor'])
    for (const device of [from, to]) expect(await device.sync({ pageRows: 2000 })).toEqual(done)
    expect(mirrorOf(from.database()).batches).toHaveLength(moved)
    await cloud.owner.query('begin')
    await cloud.owner.query('select public.end_assignments($1, $2)', [all, people.auditor.id])
    await cloud.owner.query('select public.assign_batches($1, $2, $3)', [all, people.desk.id, 'desk_verifier'])
    await cloud.owner.query('commit')
    for (const device of [from, to]) {
      expect(await device.sync({ pageRows: 2000 })).toEqual(done)
      await expectTruth(device)
    }
    expect(mirrorOf(from.database()).batches).toEqual([])
    expect(mirrorOf(to.database()).batches).toHaveLength(moved)
    from.dispose()
    to.dispose()
  })

  it('fault 23: an outbox of 10,000 goes out over a network that breaks off, each change once', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.desk, { fetch: network.fetch })
    await cloud.owner.query('select public.assign_batches($1, $2, $3)', [all, people.desk.id, 'desk_verifier'])
    expect(await device.sync({ pageRows: 2000 })).toEqual(done)
    const drafts = Array.from({ length: changes }, (_, number) =>
      scoreDraft(device.database(), rows.batch(number % moved), { criterion: number < moved ? 'E-01' : 'Q-01' }),
    )
    device
      .database()
      .write((handle) =>
        enqueueMutations(
          handle,
          { clock: device.clock, deviceId: device.deviceId, clockOffsetMilliseconds: null },
          drafts,
        ),
      )
    expect(outboxCounts(device.database().read).queued).toBe(changes)
    let calls = 0
    network.decide = (path) => {
      if (!path.endsWith('sync_push')) return null
      calls += 1
      if (calls === 12) return { kind: 'lose_answer' }
      return calls === 40 ? { kind: 'refuse_connection' } : null
    }
    for (const broken of [true, true, false])
      expect((await device.sync({ pageRows: 2000 })).ok, `${calls} calls`).toBe(!broken)
    expect(calls).toBe(changes / 100 + 2)
    expect(outboxCounts(device.database().read)).toMatchObject({
      applied: changes,
      queued: 0,
      rejected: 0,
      conflict: 0,
    })
    const { rows: scores } = await cloud.owner.query(
      'select count(*)::integer as count, max(version) as version from public.scores',
    )
    expect(scores).toEqual([{ count: changes, version: 1 }])
    await expectTruth(device)
    device.dispose()
  })
})
