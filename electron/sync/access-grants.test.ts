import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CertificateId, DecisionId, Sha256, SignatureId } from '../../shared/domain/ids.ts'
import { declareIndependence } from '../access-grants/declare-independence.ts'
import { listGrants } from '../access-grants/list-grants.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import { testSettings } from '../database/testing.ts'
import { recordVerification } from '../decisions/record-verification.ts'
import { listOutbox } from '../outbox/list-outbox.ts'
import { newId } from '../platform/identifiers.ts'
import { silentLog } from '../platform/log.ts'
import { setScore } from '../scores/set-score.ts'
import { type CloudFixture, cloudTestMilliseconds, people, rows, startCloudFixture } from './testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from './testing/device.ts'

const patient = { timeout: 60_000 }

describe('grants, from the registry to the desk and back', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let device: TestDevice
  beforeAll(async () => {
    cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
    await cloud.owner.query("update public.batches set status = 'approved' where id = any ($1)", [
      [rows.batch(0), rows.batch(1)],
    ])
    device = await openTestDevice(cloud.profile, people.auditor)
  }, cloudTestMilliseconds)
  afterAll(async () => {
    device.dispose()
    await cloud.stop()
  })

  const context = (): CaseContext => ({
    database: device.database(),
    clock: device.clock,
    person: device.person,
    deviceId: device.deviceId,
    settings: testSettings,
    log: silentLog,
    clockOffsetMilliseconds: 0,
  })
  const detail = (batchId: string) => {
    const result = getBatchDetail(context(), { batchId })
    if (!result.ok) throw new Error(result.error.message)
    return result.value
  }
  const codes = (batchId: string) =>
    (detail(batchId).actions.find(({ action }) => action === 'verify')?.gates ?? []).map(({ code }) => code)
  const accredit = async (): Promise<string> => {
    const { rows: made } = await cloud.owner.query<{ id: string }>(
      `insert into public.access_grants (user_id, kind, subject, valid_from, valid_until, issued_by)
       values ($1, 'accreditation', '{"standards": ["APRS"], "body": "Service", "number": "1"}', '2020-01-01Z', '2100-01-01Z', $2)
       returning id`,
      [people.auditor.id, people.admin.id],
    )
    return made[0]?.id ?? ''
  }
  const unsigned = async () =>
    (
      await cloud.owner.query<{ count: number }>(
        'select count(*)::integer as count from public.access_grants where signature is null and revoked_at is null',
      )
    ).rows[0]?.count
  const verify = (batchId: string) => {
    for (const criterionCode of ['E-01', 'Q-01'])
      expect(
        setScore(context(), {
          batchId,
          criterionCode,
          points: 5,
          notApplicableReason: null,
          note: '',
          evidenceFileIds: [],
        }).ok,
      ).toBe(true)
    const recorded = transact(device.database(), (handle) =>
      recordVerification(handle, context(), {
        batchId,
        decisionId: newId<DecisionId>(),
        contentHash: detail(batchId).batch.contentHash,
        statement: {
          opinion: 'unmodified',
          assuranceLevel: 'reasonable',
          addressee: 'The Autify Network',
          procedures: 'Inspection',
          basis: '',
          acknowledgedGates: ['unviewed_evidence'],
        },
        certificate: {
          id: newId<CertificateId>(),
          number: `VD-${batchId.slice(-12)}`,
          objectPath: `${batchId}/certificate.pdf`,
          sha256: 'a'.repeat(64) as Sha256,
          byteRangeDigest: 'b'.repeat(64) as Sha256,
          byteSize: 40_000,
          signatureId: newId<SignatureId>(),
          signerSubject: 'CN=Auditor',
          signerSerial: '01',
          signerFingerprint: 'c'.repeat(64) as Sha256,
          claimedAt: device.clock.now(),
        },
      }),
    )
    if (!recorded.ok) throw new Error(`${recorded.error.code}: ${recorded.error.message}`)
    return recorded.value
  }
  const outbox = () => {
    const listed = listOutbox(context(), {
      states: ['held', 'queued', 'sending', 'applied', 'conflict', 'rejected', 'waiting'],
      limit: 500,
    })
    if (!listed.ok) throw new Error(listed.error.message)
    return listed.value
  }

  it('what is issued is signed by the worker, mirrored, and opens the gate; the declaration is made offline', async () => {
    await device.sync()
    expect(codes(rows.batch(0))).toEqual(expect.arrayContaining(['accreditation', 'independence']))
    await accredit()
    await expect.poll(unsigned, patient).toBe(0)
    await device.sync()
    expect(codes(rows.batch(0))).not.toContain('accreditation')
    expect(codes(rows.batch(0))).toContain('independence')

    expect(declareIndependence(context(), { batchId: rows.batch(0), declaration: 'none', statement: '' }).ok).toBe(true)
    const { decisionMutationId } = verify(rows.batch(0))
    await device.sync()
    const sent = outbox()
    expect(sent.find(({ mutationId }) => mutationId === decisionMutationId)?.state).toBe('applied')
    expect(sent.every(({ state }) => state === 'applied')).toBe(true)
    await expect.poll(unsigned, patient).toBe(0)
    await device.sync()
    expect(listGrants(context())).toMatchObject({ value: [{ state: 'in_force' }, { state: 'in_force' }] })
  })

  it('revoked while a decision waits here, the decision is rejected and says why', async () => {
    const { decisionMutationId } = verify(rows.batch(1))
    await cloud.owner.query(
      `update public.access_grants set revoked_at = now(), revocation_reason = 'Withdrawn' where kind = 'accreditation'`,
    )
    await device.sync()
    expect(outbox().find(({ mutationId }) => mutationId === decisionMutationId)).toMatchObject({
      state: 'rejected',
      error: { code: 'accreditation', message: 'Your accreditation for APRS was revoked.' },
    })
    expect(detail(rows.batch(1))).toMatchObject({ status: 'approved', syncMark: 'rejected' })
    expect(codes(rows.batch(1))).toEqual(expect.arrayContaining(['accreditation', 'conflict_pending']))
    expect(detail(rows.batch(1)).standings[0]).toMatchObject({ gate: 'accreditation', state: 'revoked' })
  })
})
