import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { protocolVersion } from '../../shared/wire/sync.ts'
import { findOutboxItem, outboxCounts } from '../outbox/list-outbox.ts'
import { recoverSending, takeForPush } from '../outbox/take-for-push.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { collectChangedBatches } from './changed-batches.ts'
import { readFact } from './facts.ts'
import { scoreDraft } from './testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { faultyNetwork } from './testing/faulty-network.ts'

const done = { ok: true, value: null }

describe('the push', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  const stateOf = (device: TestDevice, mutationId: string) => findOutboxItem(device.database().read, mutationId)?.state
  const scoresInCloud = async (batch: number) => {
    const { rows: found } = await cloud.owner.query<{ points: number; version: number }>(
      'select points, version from public.scores where batch_id = $1 and verifier_id = $2 order by criterion_code',
      [rows.batch(batch), people.auditor.id],
    )
    return found
  }
  const receivedTimes = async (mutationId: string) => {
    const { rows: found } = await cloud.owner.query('select status from public.sync_mutations where mutation_id = $1', [
      mutationId,
    ])
    return found
  }

  it('sends a change once, and its row is in the mirror before the next pull', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(0), { points: 4 }))
    const never = () => new Promise<never>(() => {})
    const stopsAfterPush = { ...device.cloud, pull: never, poll: never }
    void device.sync({ cloud: stopsAfterPush })
    await expect.poll(() => stateOf(device, mutationId), { timeout: 20_000 }).toBe('applied')
    const { build, read } = device.database()
    expect(read.all(build.selectFrom('score').select(['points', 'version']))).toEqual([{ points: 4, version: 1 }])
    expect(read.all(build.selectFrom('pending_row').selectAll())).toEqual([])
    expect(await scoresInCloud(0)).toEqual([{ points: 4, version: 1 }])
    expect(readFact(read, device.database(), 'sync.last_pushed_at')).toEqual(expect.any(String))
    device.dispose()
  })

  it('fault 24: the echo of an own change changes nothing a second time', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    device.change(scoreDraft(device.database(), rows.batch(1)))
    await device.sync()
    const changed = collectChangedBatches()
    expect(await device.sync({ changed })).toEqual(done)
    expect(changed.take()).toBeUndefined()
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, people.auditor.id))
    device.dispose()
  })

  it('fault 5: an answer that is lost is asked for again with the same change, which is applied once', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(2)))
    network.decide = (path) => (path.endsWith('sync_push') ? { kind: 'lose_answer' } : null)
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_unreachable' } })
    expect(stateOf(device, mutationId)).toBe('queued')
    expect(await receivedTimes(mutationId)).toEqual([{ status: 'applied' }])
    network.decide = () => null
    expect(await device.sync()).toEqual(done)
    expect(stateOf(device, mutationId)).toBe('applied')
    expect(await scoresInCloud(2)).toEqual([{ points: 3, version: 1 }])
    device.dispose()
  })

  it('fault 5: the same change sent twice at the same time is applied once', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    device.change(scoreDraft(device.database(), rows.batch(3)))
    const taken = device.database().write((handle) => takeForPush(handle, systemClock, 100))
    const answers = await Promise.all([device.cloud.push(taken), device.cloud.push(taken), device.cloud.push(taken)])
    const fates = answers.map((answer) => (answer.ok ? answer.value[0]?.status : answer.error.code)).sort()
    expect(fates).toEqual(['applied', 'duplicate', 'duplicate'])
    expect(await scoresInCloud(3)).toEqual([{ points: 3, version: 1 }])
    device.dispose()
  })

  it('fault 4: killed while a change was on its way, it sends the change again and it is applied once', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(4)))
    const taken = device.database().write((handle) => takeForPush(handle, systemClock, 100))
    await device.cloud.push(taken)
    device.restart()
    expect(stateOf(device, mutationId)).toBe('sending')
    device.database().write(recoverSending)
    expect(await device.sync()).toEqual(done)
    expect(stateOf(device, mutationId)).toBe('applied')
    expect(await scoresInCloud(4)).toEqual([{ points: 3, version: 1 }])
    device.dispose()
  })

  it('fault 17: an answer that a full disk could not keep is asked for again, without a new start', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(18)))
    const real = device.database()
    let answered = false
    const full: typeof real = {
      ...real,
      write: (work, durability) =>
        real.write((handle) => {
          const value = work(handle)
          if (answered) throw new Error('The disk is full')
          return value
        }, durability),
    }
    const tells: typeof device.cloud = {
      ...device.cloud,
      push: async (...given) => {
        const answer = await device.cloud.push(...given)
        answered = true
        return answer
      },
    }
    await expect(device.sync({ database: full, cloud: tells })).rejects.toThrow('The disk is full')
    expect(stateOf(device, mutationId)).toBe('sending')
    expect(await device.sync()).toEqual(done)
    expect(stateOf(device, mutationId)).toBe('applied')
    expect(await scoresInCloud(18)).toEqual([{ points: 3, version: 1 }])
    device.dispose()
  })

  it('fault 12: a change that the cloud refuses is parked, and those before and after it are applied', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const before = device.change(scoreDraft(device.database(), rows.batch(5)))
    const poison = device.change(scoreDraft(device.database(), rows.batch(6), { criterion: 'no such criterion' }))
    const after = device.change(scoreDraft(device.database(), rows.batch(7)))
    expect(await device.sync()).toEqual(done)
    expect([before, poison, after].map((id) => stateOf(device, id))).toEqual(['applied', 'rejected', 'applied'])
    expect(findOutboxItem(device.database().read, poison)?.error?.message).toEqual(expect.any(String))
    device.dispose()
  })

  it('fault 12: a change over which the cloud refuses the whole call is found out and parked alone', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const ids = [8, 9, 10].map((batch) => device.change(scoreDraft(device.database(), rows.batch(batch))))
    network.decide = (path, body) =>
      path.endsWith('sync_push') && body.includes(ids[1] ?? '')
        ? { kind: 'answer', status: 400, body: '{"code":"PT400","message":"The changes cannot be read."}' }
        : null
    expect(await device.sync()).toEqual(done)
    expect(ids.map((id) => stateOf(device, id))).toEqual(['applied', 'rejected', 'applied'])
    device.dispose()
  })

  it('fault 12: an answer that leaves a change out does not lose it', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const ids = [11, 12].map((batch) => device.change(scoreDraft(device.database(), rows.batch(batch))))
    network.decide = (path) =>
      path.endsWith('sync_push')
        ? { kind: 'change_answer', change: (text) => JSON.stringify(JSON.parse(text).slice(0, 1)) }
        : null
    expect(await device.sync()).toEqual(done)
    network.decide = () => null
    expect(ids.map((id) => stateOf(device, id))).toEqual(['applied', 'queued'])
    device.database().write((handle) => handle.prepare('update outbox set next_attempt_at = null').run())
    expect(await device.sync()).toEqual(done)
    expect(ids.map((id) => stateOf(device, id))).toEqual(['applied', 'applied'])
    device.dispose()
  })

  it('a row that changed in the cloud meanwhile is a conflict, with both sides kept', async () => {
    const first = await openTestDevice(cloud.profile, people.auditor)
    const second = await openTestDevice(cloud.profile, people.auditor)
    await first.sync()
    await second.sync()
    first.change(scoreDraft(first.database(), rows.batch(13), { points: 1 }))
    const late = second.change(scoreDraft(second.database(), rows.batch(13), { points: 5 }))
    expect(await first.sync()).toEqual(done)
    expect(await second.sync()).toEqual(done)
    const item = findOutboxItem(second.database().read, late)
    expect(item?.state).toBe('conflict')
    expect(item?.theirs).toMatchObject({ points: 1 })
    expect(item?.mine).toMatchObject({ points: 5 })
    expect(mirrorOf(second.database())).toEqual(await truthOf(cloud.owner, people.auditor.id))
    first.dispose()
    second.dispose()
  })

  it('sends 250 changes in calls of at most a hundred, in order', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    let rowId: string | undefined
    for (let number = 0; number < 250; number += 1) {
      const draft = scoreDraft(device.database(), rows.batch(14), { points: number % 6, ...(rowId ? { rowId } : {}) })
      rowId = draft.rowId
      device.change(draft)
    }
    expect(await device.sync()).toEqual(done)
    expect(outboxCounts(device.database().read)).toMatchObject({ applied: 250, rejected: 0, conflict: 0 })
    expect(await scoresInCloud(14)).toEqual([{ points: 249 % 6, version: 250 }])
    device.dispose()
  })

  it('fault 5: when the answer to the second call is lost, what the first one settled stays, and the rest goes again', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    let rowId: string | undefined
    for (let number = 0; number < 150; number += 1) {
      const draft = scoreDraft(device.database(), rows.batch(19), { points: number % 6, ...(rowId ? { rowId } : {}) })
      rowId = draft.rowId
      device.change(draft)
    }
    let calls = 0
    network.decide = (path) => {
      if (!path.endsWith('sync_push')) return null
      calls += 1
      return calls === 2 ? { kind: 'lose_answer' } : null
    }
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_unreachable' } })
    expect(outboxCounts(device.database().read)).toMatchObject({ applied: 100, queued: 50 })
    expect(await scoresInCloud(19)).toEqual([{ points: 149 % 6, version: 150 }])
    network.decide = () => null
    expect(await device.sync()).toEqual(done)
    expect(outboxCounts(device.database().read)).toMatchObject({ applied: 150, queued: 0 })
    expect(await scoresInCloud(19)).toEqual([{ points: 149 % 6, version: 150 }])
    device.dispose()
  })

  it.each([
    ['a year ahead', 365],
    ['a year behind', -365],
  ])('fault 15: with the clock %s everything is sent and fetched, and the offset is known', async (_, days) => {
    const shift = days * 24 * 60 * 60 * 1000
    const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + shift).toISOString() }
    const device = await openTestDevice(cloud.profile, people.auditor, { clock })
    await device.sync()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(days > 0 ? 15 : 16)))
    expect(await device.sync()).toEqual(done)
    expect(stateOf(device, mutationId)).toBe('applied')
    const offset = readFact(device.database().read, device.database(), 'sync.clock_offset_ms') ?? 0
    expect(Math.abs(offset + shift)).toBeLessThan(10_000)
    const { rows: sent } = await cloud.owner.query(
      'select occurred_at from public.sync_mutations where mutation_id = $1',
      [mutationId],
    )
    expect(String(sent[0]?.occurred_at).slice(0, 4)).toBe(clock.now().slice(0, 4))
    device.dispose()
  })

  it('fault 20: a session that ends during a push gives the change back, and it goes out after the password', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    await device.sync()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(17)))
    const refuse = { kind: 'answer', status: 401, body: '{"code":"PGRST303","message":"JWT expired"}' } as const
    network.decide = (path) => {
      if (path.endsWith('sync_push')) return refuse
      if (path.endsWith('/token')) return { ...refuse, status: 400, body: '{"error_code":"refresh_token_not_found"}' }
      return null
    }
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'session_expired' } })
    expect(stateOf(device, mutationId)).toBe('queued')
    expect(device.tokens.read()).toBeNull()
    network.decide = () => null
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'session_expired' } })
    expect((await device.cloud.signIn(people.auditor.email, 'correct horse battery staple')).ok).toBe(true)
    expect(await device.sync()).toEqual(done)
    expect(stateOf(device, mutationId)).toBe('applied')
    device.dispose()
  })

  it('fault 20: a token that the cloud refuses once is renewed without the password, and the call made again', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    let refused = 0
    network.decide = (path) => {
      if (!path.endsWith('workstation_handshake') || refused > 0) return null
      refused += 1
      return { kind: 'answer', status: 401, body: '{"code":"PGRST303","message":"JWT expired"}' }
    }
    expect(await device.sync()).toEqual(done)
    expect(network.calls.filter((path) => path.endsWith('/token'))).toHaveLength(2)
    device.dispose()
  })

  it("fault 20: another person's session never sends this person's work", async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(18)))
    await device.cloud.signIn(people.desk.email, 'correct horse battery staple')
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'session_expired' } })
    expect(stateOf(device, mutationId)).toBe('queued')
    expect(await receivedTimes(mutationId)).toEqual([])
    device.dispose()
  })

  it('exchanges nothing with a cloud of another protocol', async () => {
    const network = faultyNetwork()
    const device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    network.decide = (path) =>
      path.endsWith('workstation_handshake')
        ? {
            kind: 'change_answer',
            change: (text) => JSON.stringify({ ...JSON.parse(text), protocol_version: protocolVersion + 1 }),
          }
        : null
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_incompatible' } })
    expect(network.calls.filter((path) => path.includes('/sync_'))).toEqual([])
    device.dispose()
  })
})
