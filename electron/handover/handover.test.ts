import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findOutboxItem } from '../outbox/list-outbox.ts'
import { systemClock } from '../platform/clock.ts'
import { scoreDraft } from '../sync/testing/changes.ts'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  people,
  rows,
  startCloudFixture,
} from '../sync/testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from '../sync/testing/device.ts'
import { openOutboxFile } from './open-outbox-file.ts'
import { submitOutboxFile } from './submit-outbox-file.ts'
import { altered, caseContext, handOver, testReader } from './testing.ts'

describe('an outbox file', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let other: CloudFixture
  const open: TestDevice[] = []
  beforeAll(async () => {
    cloud = await startCloudFixture()
    other = await startCloudFixture()
  }, cloudTestMilliseconds * 2)
  afterAll(async () => {
    for (const device of open) device.dispose()
    await cloud.stop()
    await other.stop()
  })

  /** A workstation that has its mirror. Its network can be cut for good. */
  const workstation = async (who: Parameters<typeof openTestDevice>[1], place = cloud) => {
    const network = { cut: false }
    const device = await openTestDevice(place.profile, who, {
      fetch: async (input, init) => {
        if (network.cut) throw new TypeError('fetch failed')
        return fetch(input, init)
      },
    })
    open.push(device)
    expect(await device.sync()).toEqual({ ok: true, value: null })
    return { device, network }
  }
  /** A laptop in the field with a score for each batch, cut off. */
  const laptop = async (...batches: readonly number[]) => {
    const { device, network } = await workstation(people.auditor)
    network.cut = true
    const ids = batches.map((batch) => device.change(scoreDraft(device.database(), rows.batch(batch), { points: 4 })))
    return { device, network, ids }
  }
  const fileOf = async (device: TestDevice, options: Parameters<typeof handOver>[2] = {}) => {
    const { written, bytes } = await handOver(device, cloud.profile, options)
    expect(written).toMatchObject({ ok: true })
    return bytes
  }
  const submit = (device: TestDevice, bytes: Uint8Array) => submitOutboxFile(caseContext(device), device.cloud, bytes)
  const scoresOf = async (batch: number) =>
    (
      await cloud.owner.query<{ verifier_id: string; points: number; version: number }>(
        'select verifier_id, points, version from public.scores where batch_id = $1',
        [rows.batch(batch)],
      )
    ).rows
  const ofTheAuditor = [{ verifier_id: people.auditor.id, points: 4, version: 1 }]
  const stateOf = (device: TestDevice, id: string | undefined) =>
    findOutboxItem(device.database().read, id ?? '')?.state
  const revoke = (device: TestDevice, at: string) =>
    cloud.owner.query('update public.devices set revoked_at = $2 where id = $1', [device.deviceId, at])

  it('brings what a laptop without a network decided to the cloud, by another workstation of the same person', async () => {
    const { device, network, ids } = await laptop(0, 1)
    expect(await device.sync()).toMatchObject({ ok: false, error: { code: 'cloud_unreachable' } })
    const bytes = await fileOf(device)
    expect(findOutboxItem(device.database().read, ids[0] ?? '')?.handedOverAt).toEqual(expect.any(String))

    const { device: desk } = await workstation(people.auditor)
    const opened = await openOutboxFile(caseContext(desk), testReader, bytes)
    expect(opened).toMatchObject({
      ok: true,
      value: { ofMyself: true, sameCloud: true, deviceName: 'Field laptop', refusal: null },
    })
    expect(opened.ok && opened.value.changes.map(({ kind, batchHash }) => [kind, batchHash?.slice(0, 6)])).toEqual([
      ['score.set', 'BATCH-'],
      ['score.set', 'BATCH-'],
    ])
    const submitted = await submit(desk, bytes)
    expect(submitted.ok && submitted.value.fates.map(({ mutationId, status }) => [mutationId, status])).toEqual(
      ids.map((id) => [id, 'applied']),
    )
    expect(await scoresOf(0)).toEqual(ofTheAuditor)
    const { rows: handovers } = await cloud.owner.query(
      `select h.user_id, h.submitted_by, h.submissions, count(m.*)::int as changes from public.outbox_handovers h
       join public.sync_mutations m on m.handover_id = h.id where h.device_id = $1 group by h.id`,
      [device.deviceId],
    )
    expect(handovers).toEqual([
      { user_id: people.auditor.id, submitted_by: people.auditor.id, submissions: 1, changes: 2 },
    ])

    // The laptop finds a network after all: everything is a duplicate, nothing is done twice.
    network.cut = false
    expect(await device.sync()).toEqual({ ok: true, value: null })
    expect(ids.map((id) => stateOf(device, id))).toEqual(['applied', 'applied'])
    expect(await scoresOf(1)).toEqual(ofTheAuditor)
  })

  it('is applied as the person who made it when the compliance desk submits it, and says who did', async () => {
    const { device } = await laptop(2)
    const bytes = await fileOf(device)
    const { device: desk } = await workstation(people.compliance)
    expect(await submit(desk, bytes)).toMatchObject({ ok: true, value: { fates: [{ status: 'applied' }] } })
    expect(await scoresOf(2)).toEqual(ofTheAuditor)
    const { rows: audited } = await cloud.owner.query(
      `select user_id, new_values ->> 'submitted_by' as submitted_by from public.audit_logs
       where table_name = 'outbox_handovers' and new_values ->> 'device_id' = $1`,
      [device.deviceId],
    )
    expect(audited).toEqual([{ user_id: people.compliance.id, submitted_by: people.compliance.id }])
  })

  it('is applied once, submitted twice in a row and many times at once while the laptop syncs, too', async () => {
    const { device, network, ids } = await laptop(3, 4, 5)
    const bytes = await fileOf(device)
    const { device: own } = await workstation(people.auditor)
    const { device: desk } = await workstation(people.compliance)
    network.cut = false
    const [synced, ...submissions] = await Promise.all([
      device.sync(),
      submit(own, bytes),
      submit(desk, bytes),
      submit(own, bytes),
      submit(desk, bytes),
    ])
    expect(synced).toEqual({ ok: true, value: null })
    for (const submission of submissions) expect(submission).toMatchObject({ ok: true })
    const again = await submit(own, bytes)
    expect(again.ok && again.value.fates.map(({ status }) => status)).toEqual(['duplicate', 'duplicate', 'duplicate'])
    for (const batch of [3, 4, 5]) expect(await scoresOf(batch)).toEqual(ofTheAuditor)
    expect(ids.map((id) => stateOf(device, id))).toEqual(['applied', 'applied', 'applied'])
  })

  it('is refused by the cloud and noted when it was altered, forged, or signed by a key that nobody registered', async () => {
    const { device } = await laptop(6)
    const bytes = await fileOf(device)
    const { device: desk } = await workstation(people.auditor)
    const refusal = async (forged: Uint8Array) => {
      const result = await submit(desk, forged)
      return result.ok ? 'taken' : [result.error.code, result.error.detail?.code]
    }
    const otherPoints = altered(bytes, (file) => {
      file.content = file.content.replace('"points":4', '"points":5')
    })
    expect(await refusal(otherPoints)).toEqual(['cloud_refused', 'wrong_signature'])
    const key = generateKeyPairSync('ed25519')
    const signedByOther = altered(bytes, (file) => {
      file.signature = sign(null, Buffer.from(file.content), key.privateKey).toString('base64')
    })
    expect(await refusal(signedByOther)).toEqual(['cloud_refused', 'wrong_signature'])
    const ownKey = altered(signedByOther, (file) => {
      file.public_key = key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    })
    expect(await refusal(ownKey)).toEqual(['cloud_refused', 'unknown_key'])
    const asSomebodyElse = altered(bytes, (file) => {
      file.content = file.content.replaceAll(people.auditor.id, people.desk.id)
    })
    expect(await refusal(asSomebodyElse)).toEqual(['not_allowed', 'not_allowed'])
    expect(await refusal(bytes.slice(0, bytes.length / 2))).toEqual(['cloud_refused', 'invalid_request'])
    expect(await scoresOf(6)).toEqual([])
    const { rows: noted } = await cloud.owner.query(
      `select user_id from public.security_events where kind = 'outbox_file_refused' and device_id = $1`,
      [device.deviceId],
    )
    expect(noted).toEqual([{ user_id: people.auditor.id }, { user_id: people.auditor.id }])
  })

  it('is refused from somebody who is neither its author nor compliance', async () => {
    const { device } = await laptop(7)
    const bytes = await fileOf(device)
    const { device: stranger } = await workstation(people.desk)
    expect(await submit(stranger, bytes)).toMatchObject({
      ok: false,
      error: { code: 'not_allowed', message: 'This file holds the changes of another person.' },
    })
    expect(await openOutboxFile(caseContext(stranger), testReader, bytes)).toMatchObject({
      ok: true,
      value: { ofMyself: false, refusal: { code: 'not_allowed' } },
    })
    expect(await scoresOf(7)).toEqual([])
  })

  it('is refused by another cloud', async () => {
    const { device } = await laptop(8)
    const bytes = await fileOf(device)
    const { device: elsewhere } = await workstation(people.auditor, other)
    expect(await submit(elsewhere, bytes)).toMatchObject({ ok: false, error: { detail: { code: 'unknown_key' } } })
    expect(await openOutboxFile(caseContext(elsewhere), testReader, bytes)).toMatchObject({
      ok: true,
      value: { sameCloud: false },
    })
  })

  it('of a revoked device is refused when made afterwards, and left to compliance when made before', async () => {
    const { device } = await laptop(9)
    const bytes = await fileOf(device)
    const { device: own } = await workstation(people.auditor)
    const { device: desk } = await workstation(people.compliance)
    await revoke(device, new Date(Date.now() - 60_000).toISOString())
    for (const submitter of [own, desk])
      expect(await submit(submitter, bytes)).toMatchObject({ ok: false, error: { detail: { code: 'key_revoked' } } })
    await revoke(device, new Date(Date.now() + 60_000).toISOString())
    expect(await submit(own, bytes)).toMatchObject({
      ok: false,
      error: { detail: { code: 'key_revoked' }, action: 'Give the file to the compliance desk, which may submit it.' },
    })
    // The date counts by the cloud's clock: this device's was an hour behind.
    const late = await fileOf(device, { context: { clockOffsetMilliseconds: 3_600_000 } })
    expect(await submit(desk, late)).toMatchObject({ ok: false, error: { detail: { code: 'key_revoked' } } })
    expect(await submit(desk, bytes)).toMatchObject({ ok: true, value: { fates: [{ status: 'applied' }] } })
  })

  it('of a suspended person is kept out until the person is let in again', async () => {
    const { device } = await laptop(10)
    const bytes = await fileOf(device)
    const { device: desk } = await workstation(people.compliance)
    await cloud.owner.query('update public.users set active = false where id = $1', [people.auditor.id])
    const refused = await submit(desk, bytes)
    await cloud.owner.query('update public.users set active = true where id = $1', [people.auditor.id])
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'not_allowed', detail: { code: 'author_not_admitted' } },
    })
    expect(await submit(desk, bytes)).toMatchObject({ ok: true, value: { fates: [{ status: 'applied' }] } })
  })

  it('made before a backup of the cloud was restored is still for this cloud', async () => {
    const { device } = await laptop(11)
    const bytes = await fileOf(device)
    await cloud.owner.query('update public.server_state set server_epoch = gen_random_uuid()')
    const { device: own } = await workstation(people.auditor)
    expect(await submit(own, bytes)).toMatchObject({ ok: true, value: { fates: [{ status: 'applied' }] } })
  })

  it('with more changes than one request takes is applied to its end', async () => {
    const { device } = await laptop()
    for (let number = 0; number < 620; number += 1)
      device.change(scoreDraft(device.database(), rows.batch(12 + (number % 8)), { note: `Note ${number}` }))
    const bytes = await fileOf(device)
    const { device: own } = await workstation(people.auditor)
    const submitted = await submit(own, bytes)
    expect(submitted.ok && submitted.value.fates.length).toBe(620)
    const { rows: handovers } = await cloud.owner.query(
      'select submissions, change_count from public.outbox_handovers where device_id = $1',
      [device.deviceId],
    )
    expect(handovers).toEqual([{ submissions: 1, change_count: 620 }])
  })

  it('cannot be written before the cloud knows the key of this computer', async () => {
    const device = await openTestDevice(cloud.profile, people.auditor, { clock: systemClock })
    open.push(device)
    expect((await handOver(device, cloud.profile)).written).toMatchObject({ ok: false, error: { code: 'blocked' } })
  })
})
