import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SyncState } from '../../shared/domain/sync-state.ts'
import { createCloudClient } from '../cloud/cloud-client.ts'
import { findOutboxItem } from '../outbox/list-outbox.ts'
import { scoreDraft } from './testing/changes.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  password,
  people,
  rows,
  startCloudFixture,
} from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'
import { engineOf } from './testing/engine.ts'

const patience = { timeout: 60_000 }

describe('a cloud that turns a workstation away', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  beforeAll(async () => {
    cloud = await startCloudFixture()
  }, cloudTestMilliseconds)
  afterAll(() => cloud.stop())

  const stateOf = (device: TestDevice, mutationId: string) => findOutboxItem(device.database().read, mutationId)?.state
  const limitPushes = (maximum: number, seconds: number) =>
    cloud.owner.query(
      `update public.rate_limits set max_requests = $1, window_seconds = $2 where endpoint = 'sync_push'`,
      [maximum, seconds],
    )

  it('says through every layer for how long, and the change waits in the outbox', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    await limitPushes(1, 86_400)
    expect((await device.cloud.push([])).ok).toBe(true)
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(1)))
    const refused = await device.sync()
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: 'cloud_unreachable',
        detail: { status: 429, reason: 'rate_limited', retry_after_seconds: expect.any(Number) },
      },
    })
    expect(stateOf(device, mutationId)).toBe('queued')
    await limitPushes(3000, 60)
    expect((await device.sync()).ok).toBe(true)
    expect(stateOf(device, mutationId)).toBe('applied')
    device.dispose()
  })

  it('is asked again by itself when it said, and no decision is lost', async () => {
    const device = await openTestDevice(cloud.profile, people.desk)
    const states: SyncState[] = []
    const engine = engineOf(device, { onState: (state) => states.push(state) })
    engine.start()
    await engine.settled()
    await limitPushes(1, 4)
    while ((await device.cloud.push([])).ok);
    const made = [10, 11, 12].map((batch) => {
      const mutationId = device.change(scoreDraft(device.database(), rows.batch(batch)))
      engine.outboxChanged()
      return mutationId
    })
    await expect
      .poll(() => made.map((mutationId) => stateOf(device, mutationId)), patience)
      .toEqual(made.map(() => 'applied'))
    expect(states.map(({ lastError }) => lastError?.message)).toContain('The cloud asks this program to wait.')
    await limitPushes(3000, 60)
    await engine.stop()
    device.dispose()
  })

  it('takes a lost device out of use, and its outbox stays until it is let in again', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor)
    await device.sync()
    const mutationId = device.change(scoreDraft(device.database(), rows.batch(3)))
    await cloud.owner.query('begin')
    await cloud.owner.query(`select set_config('request.jwt.claims', $1, true)`, [
      JSON.stringify({ sub: people.admin.id, role: 'authenticated' }),
    ])
    await cloud.owner.query(`select public.revoke_device($1, 'left on the train')`, [device.deviceId])
    await cloud.owner.query('commit')
    // The session has ended, which the next renewal finds too; then only the password helps.
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'session_expired' } })
    expect((await device.cloud.signIn(people.auditor.email, password)).ok).toBe(true)
    expect(await device.sync()).toMatchObject({
      ok: false,
      error: { code: 'device_revoked', action: expect.stringMatching(/kept, encrypted/) },
    })
    expect(stateOf(device, mutationId)).toBe('queued')
    const { rows: told } = await cloud.owner.query(
      'select kind from public.security_events where device_id = $1 order by created_at',
      [device.deviceId],
    )
    expect(told.map(({ kind }) => kind)).toEqual([
      expect.stringMatching('device_new'),
      'device_revoked',
      'revoked_device_used',
    ])
    await cloud.owner.query('update public.devices set revoked_at = null where id = $1', [device.deviceId])
    expect((await device.sync()).ok).toBe(true)
    expect(stateOf(device, mutationId)).toBe('applied')
    device.dispose()
  })

  it('locks signing in after five wrong passwords, and says so instead of calling the password wrong', async () => {
    const client = createCloudClient({
      ...cloud.profile,
      clock: (await openTestDevice(cloud.profile, people.desk)).clock,
    })
    for (const email of [people.compliance.email, 'nobody@example.org']) {
      for (let count = 0; count < 4; count += 1)
        expect(await client.signIn(email, 'wrong')).toMatchObject({ error: { code: 'wrong_password' } })
      const locked = {
        error: {
          code: 'too_many_attempts',
          message: 'Too many wrong passwords. Signing in is locked for 15 minutes.',
          action: expect.stringMatching(/^Wait 15 minutes/),
        },
      }
      expect(await client.signIn(email, 'wrong')).toMatchObject(locked)
      expect(await client.signIn(email, password)).toMatchObject(locked)
    }
    expect((await client.signIn(people.desk.email, password)).ok).toBe(true)
    await cloud.owner.query("update private.login_guards set locked_until = now() - interval '1 second'")
    expect((await client.signIn(people.compliance.email, password)).ok).toBe(true)
  })
})
