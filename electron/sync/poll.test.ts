import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { protocolVersion, schemaVersion } from '../../shared/wire/sync.ts'
import { readFact } from './facts.ts'
import { scoreDraft } from './testing/changes.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  password,
  people,
  rows,
  startCloudFixture,
} from './testing/cloud-fixture.ts'
import { mirrorOf, openTestDevice, type TestDevice, truthOf } from './testing/device.ts'
import { type FaultyNetwork, faultyNetwork } from './testing/faulty-network.ts'

const done = { ok: true, value: null }

describe('one call for everything that is new', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  let network: FaultyNetwork
  let device: TestDevice
  beforeEach(async () => {
    network = faultyNetwork()
    device = await openTestDevice(cloud.profile, people.auditor, { fetch: network.fetch })
    expect(await device.sync()).toEqual(done)
    network.calls.length = 0
    return () => device.dispose()
  })

  const calls = () => network.calls.splice(0).map((path) => path.slice(path.lastIndexOf('/') + 1))
  const touch = (...batches: readonly number[]) =>
    cloud.owner.query('update public.batches set risk_score = (risk_score + 1) % 100 where id = any ($1)', [
      batches.map(rows.batch),
    ])
  const expectTruth = async () =>
    expect(mirrorOf(device.database())).toEqual(await truthOf(cloud.owner, device.person.id))
  const cursors = () =>
    device
      .database()
      .read.all(device.database().build.selectFrom('sync_scope').select(['scope', 'state', 'cursor', 'last_pulled_at']))
  const pulledAt = () => readFact(device.database().read, device.database(), 'sync.last_pulled_at') ?? ''
  const scopes = () => cursors().map(({ scope }) => scope)
  /** A field agent mirrors no pool. */
  const become = (subRole: 'field_agent' | 'accredited_auditor') =>
    cloud.owner.query('update public.users set sub_role = $2 where id = $1', [people.auditor.id, subRole])
  const greeting = () => ({
    protocol_version: protocolVersion,
    schema_version: schemaVersion,
    device_id: device.deviceId,
    device_name: 'test',
    program_version: '0.0.0',
  })
  const exchanges = () => {
    const { build, read } = device.database()
    const last = read.first(build.selectFrom('sync_run').select('run').orderBy('run', 'desc').limit(1))
    return read
      .all(
        build
          .selectFrom('sync_exchange')
          .select(['kind', 'rows_in', 'http_status'])
          .where('run', '=', last?.run ?? 0),
      )
      .map(({ kind, rows_in, http_status }) => `${kind} ${rows_in} ${http_status}`)
  }

  it('is all that a synchronization without news takes, and the age of the data is that of the call', async () => {
    const before = cursors()
    const known = pulledAt()
    expect(await device.sync()).toEqual(done)
    expect(calls()).toEqual(['sync_poll'])
    expect(pulledAt() > known).toBe(true)
    for (const [index, { last_pulled_at }] of cursors().entries())
      expect((last_pulled_at ?? '') > (before[index]?.last_pulled_at ?? '')).toBe(true)
    expect(new Set(cursors().map(({ cursor }) => cursor)).size, 'one snapshot for all').toBe(1)
    expect(exchanges().at(-1)).toBe('poll 0 200')
  })

  it('names one cursor for all scopes where they have the same, and each one’s where they have not', async () => {
    const asked: unknown[] = []
    network.decide = (path, body) => {
      if (path.endsWith('sync_poll')) asked.push(JSON.parse(body).p_cursors)
      return null
    }
    const own = Object.fromEntries(cursors().map(({ scope, cursor }) => [scope, cursor]))
    await touch(2)
    expect(await device.sync()).toEqual(done)
    const [{ cursor } = { cursor: null }] = cursors()
    await touch(3)
    expect(await device.sync()).toEqual(done)
    await expectTruth()
    expect(asked).toEqual([own, cursor])
  })

  it('brings what changed in all scopes, and more than a page is pulled page by page', async () => {
    await touch(0, 1)
    expect(await device.sync()).toEqual(done)
    expect(calls()).toEqual(['sync_poll'])
    expect(exchanges().at(-1)).toBe('poll 2 200')
    await expectTruth()
    await touch(...Array.from({ length: 20 }, (_, batch) => batch))
    expect(await device.sync()).toEqual(done)
    expect(calls()).toEqual(['sync_poll', 'sync_pull', 'sync_pull', 'sync_pull'])
    await expectTruth()
  })

  it('follows what was sent, so that the echo comes in the same synchronization', async () => {
    device.change(scoreDraft(device.database(), rows.batch(5)))
    expect(await device.sync()).toEqual(done)
    expect(calls()).toEqual(['workstation_handshake', 'sync_push', 'sync_poll'])
    await expectTruth()
  })

  it('brings what was recorded while it was asked, sent first and then asked again', async () => {
    const poll: typeof device.cloud.poll = async (...parameters) => {
      const answer = await device.cloud.poll(...parameters)
      if (calls().length === 1) device.change(scoreDraft(device.database(), rows.batch(6)))
      return answer
    }
    expect(await device.sync({ cloud: { ...device.cloud, poll } })).toEqual(done)
    expect(calls()).toEqual([])
    await expectTruth()
    expect(exchanges()).toEqual(['poll 0 200', 'push 1 200', 'poll 1 200'])
  })

  it('gives the data the age of its answer, however long that waited to be written', async () => {
    const at = '2026-11-20T09:00:00.000Z'
    const poll: typeof device.cloud.poll = async (...parameters) => {
      const answer = await device.cloud.poll(...parameters)
      return answer.ok && answer.value !== null ? { ok: true, value: { ...answer.value, at } } : answer
    }
    expect(await device.sync({ cloud: { ...device.cloud, poll } })).toEqual(done)
    expect(pulledAt()).toBe(at)
    expect(cursors().map(({ last_pulled_at }) => last_pulled_at)).toEqual([at, at, at])
  })

  it('goes the old way with a cloud that does not have it, and does not ask such a cloud each time', async () => {
    await cloud.owner.query('alter function public.sync_poll(text, jsonb, integer) rename to sync_poll_of_later')
    try {
      await touch(3)
      expect(await device.sync()).toEqual(done)
      expect(calls()).toEqual(['sync_poll', 'workstation_handshake', 'sync_pull', 'sync_pull', 'sync_pull'])
      await expectTruth()
      await touch(4)
      expect(await device.sync()).toEqual(done)
      expect(calls()).toEqual(['workstation_handshake', 'sync_pull', 'sync_pull', 'sync_pull'])
      await expectTruth()
    } finally {
      await cloud.owner.query('alter function public.sync_poll_of_later(text, jsonb, integer) rename to sync_poll')
    }
    for (let handshake = 2; handshake < 119; handshake += 1) await device.cloud.handshake(greeting())
    calls()
    expect(await device.sync()).toEqual(done)
    expect(calls(), 'once more after an hour').toEqual(['workstation_handshake', 'sync_poll'])
  })

  it('is not tried where a handshake names no fingerprint, as that of an older cloud', async () => {
    await device.cloud.signIn(people.auditor.email, password)
    network.decide = (path) =>
      path.endsWith('workstation_handshake')
        ? {
            kind: 'change_answer',
            change: (text) => JSON.stringify({ ...JSON.parse(text), fingerprint: undefined }),
          }
        : null
    calls()
    for (let round = 0; round < 2; round += 1) {
      await touch(6)
      expect(await device.sync()).toEqual(done)
      expect(calls()).toEqual(['workstation_handshake', 'sync_pull', 'sync_pull', 'sync_pull'])
      await expectTruth()
    }
  })

  it('fault 9: what a person may see no more is out with the handshake that the cloud asks for', async () => {
    await become('field_agent')
    expect(await device.sync()).toEqual(done)
    expect(calls()).toEqual(['sync_poll', 'workstation_handshake', 'sync_poll'])
    expect(scopes()).not.toContain('pool')
    await expectTruth()
    await become('accredited_auditor')
    expect(await device.sync()).toEqual(done)
    expect(scopes()).toContain('pool')
    await expectTruth()
  })

  it('fault 9: a scope that a handshake took and a broken run kept is out with the next', async () => {
    await become('field_agent')
    expect(await device.cloud.handshake(greeting())).toMatchObject({ ok: true })
    calls()
    expect(scopes()).toContain('pool')
    expect(await device.sync()).toEqual(done)
    expect(calls()).toEqual(['sync_poll', 'workstation_handshake', 'sync_poll'])
    expect(scopes()).not.toContain('pool')
    await expectTruth()
    await become('accredited_auditor')
    await device.sync()
  })

  it.each([
    ['', 'sync_poll', (text: string) => text],
    [
      ' of an older cloud',
      'sync_pull',
      (text: string) => JSON.stringify({ ...JSON.parse(text), fingerprint: undefined }),
    ],
  ])(
    'fault 9: a scope that is lost after the handshake%s stops no other and is out with the same run',
    async (_of, after, change) => {
      await device.cloud.signIn(people.auditor.email, password)
      await touch(8)
      calls()
      network.decide = (path) => (path.endsWith('workstation_handshake') ? { kind: 'change_answer', change } : null)
      let losses = 0
      const handshake: typeof device.cloud.handshake = async (...parameters) => {
        const answer = await device.cloud.handshake(...parameters)
        if (losses === 0) await become('field_agent')
        losses += 1
        return answer
      }
      expect(await device.sync({ cloud: { ...device.cloud, handshake } })).toEqual(done)
      const made = calls()
      expect(made.slice(0, 2)).toEqual(['workstation_handshake', after])
      expect(made.filter((call) => call === 'workstation_handshake')).toHaveLength(2)
      expect(exchanges()).toContain('pull 0 403')
      expect(scopes()).not.toContain('pool')
      await expectTruth()
      await become('accredited_auditor')
      await device.sync()
      await expectTruth()
    },
  )

  it('fault 8: another life of the cloud, and a cursor ahead of it, are noticed', async () => {
    await cloud.owner.query('update public.server_state set server_epoch = gen_random_uuid()')
    expect(await device.sync()).toEqual(done)
    expect(calls()).toContain('workstation_handshake')
    await expectTruth()
    device
      .database()
      .write((handle) =>
        handle.prepare("update sync_scope set cursor = '99999999:99999999:' where scope = 'pool'").run(),
      )
    expect(await device.sync()).toEqual(done)
    expect(calls()).toContain('sync_bootstrap')
    expect(cursors().every(({ state }) => state === 'live')).toBe(true)
    await expectTruth()
  })

  it('a device that is revoked is refused by the call, and again at the handshake, which notes it', async () => {
    const revoke = (at: string | null) =>
      cloud.owner.query('update public.devices set revoked_at = $2 where id = $1', [device.deviceId, at])
    await revoke('2026-11-20T00:00:00Z')
    for (const call of ['sync_poll', 'workstation_handshake']) {
      expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'device_revoked' } })
      expect(calls()).toEqual([call])
    }
    await revoke(null)
    expect(await device.sync()).toEqual(done)
  })
})
