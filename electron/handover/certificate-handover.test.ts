import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { grantAccess } from '../../supabase/tests/grants.ts'
import { batchNow } from '../../supabase/tests/mutations.ts'
import { addBatches, addPerson, addProject, assign } from '../../supabase/tests/support.ts'
import { newId, sha256Hex } from '../platform/identifiers.ts'
import { scoreDraft } from '../sync/testing/changes.ts'
import { type CloudFixture, cloudTestMilliseconds, people, startCloudFixture } from '../sync/testing/cloud-fixture.ts'
import { openTestDevice, type TestDevice } from '../sync/testing/device.ts'
import { submitOutboxFile } from './submit-outbox-file.ts'
import { altered, caseContext, handOver } from './testing.ts'

describe('a certificate in an outbox file', { timeout: cloudTestMilliseconds }, () => {
  let cloud: CloudFixture
  let laptop: TestDevice
  let desk: TestDevice
  beforeAll(async () => {
    cloud = await startCloudFixture()
    laptop = await openTestDevice(cloud.profile, people.auditor)
    desk = await openTestDevice(cloud.profile, people.compliance)
  }, cloudTestMilliseconds)
  afterAll(async () => {
    laptop.dispose()
    desk.dispose()
    await cloud.stop()
  })

  /** Verifies a batch on the laptop and issues its certificate, as signing does. */
  const issue = async (number: string) => {
    const { owner } = cloud
    const recycler = await addPerson(owner, { role: 'recycler' })
    const [batch = ''] = await addBatches(owner, await addProject(owner, recycler), 1, 'approved')
    await assign(owner, [batch], people.auditor.id, 'accredited_auditor')
    await grantAccess(owner, people.auditor.id, { standards: ['APRS'], independentOf: [recycler] })
    await laptop.sync()
    const database = laptop.database()
    for (const criterion of ['E-01', 'Q-01']) laptop.change(scoreDraft(database, batch, { criterion, points: 5 }))
    const rubric = database.read.first(database.build.selectFrom('rubric').select('id'))?.id ?? null
    const now = await batchNow(owner, batch)
    const [decisionId, certificateId] = [newId(), newId()]
    const common = {
      batchId: batch,
      contentHash: now.content_hash as string as Sha256,
      base: null,
      holdSeconds: 0,
      pendingRows: [],
      summary: 'Verify',
    }
    laptop.change({
      ...common,
      kind: 'decision.record',
      rowId: decisionId,
      baseVersion: now.version,
      payload: {
        action: 'verify',
        reason_code: 'verified',
        reason: '',
        score: '5.00',
        rubric_id: rubric,
        opinion: 'unmodified',
        assurance_level: 'reasonable',
        unviewed_evidence_ids: [],
      },
    })
    const pdf = new TextEncoder().encode(`%PDF-1.7 certificate ${number}`)
    const sha256 = sha256Hex(pdf)
    const objectPath = `${batch}/${certificateId}.pdf`
    const mutationId = laptop.change({
      ...common,
      kind: 'certificate.issue',
      rowId: certificateId,
      baseVersion: 0,
      payload: {
        decision_id: decisionId,
        certificate_number: number,
        opinion: 'unmodified',
        assurance_level: 'reasonable',
        object_path: objectPath,
        sha256,
        byte_range_digest: sha256,
        byte_size: pdf.byteLength,
        signature_id: newId(),
        signer_subject: 'CN=Amina',
        signer_serial: '1',
        signer_fingerprint: sha256,
        level: 'B-B',
        claimed_at: '2026-11-20T21:33:00.000Z',
      },
    })
    database.write((handle) =>
      handle.run(
        database.build.insertInto('upload').values({
          mutation_id: mutationId,
          sha256,
          bucket: 'certificates',
          object_path: objectPath,
          media_type: 'application/pdf',
          byte_size: pdf.byteLength,
          state: 'waiting',
        }),
      ),
    )
    return { pdf, sha256, objectPath, mutationId }
  }
  const submit = (bytes: Uint8Array) => submitOutboxFile(caseContext(desk), desk.cloud, bytes)
  const stored = async (objectPath: string) => {
    const download = await laptop.cloud.download({ bucket: 'certificates', objectPath, from: 0 })
    if (!download.ok) return null
    const chunks: Uint8Array[] = []
    for await (const chunk of download.value.chunks) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  it('travels with its PDF, and the laptop finds it there when it syncs', async () => {
    const { pdf, objectPath, mutationId } = await issue('VD-APRS-2026-0000000001')
    await laptop.vault.put(pdf)
    const { written, bytes } = await handOver(laptop, cloud.profile)
    expect(written).toMatchObject({ ok: true, value: { changes: 4, certificates: 1, missingFiles: 0 } })
    const submitted = await submit(bytes)
    expect(submitted).toMatchObject({ ok: true, value: { withoutFile: [] } })
    expect(submitted.ok && submitted.value.fates.map(({ status }) => status)).toEqual(Array(4).fill('applied'))
    expect(await stored(objectPath)).toBe(Buffer.from(pdf).toString())
    expect(await laptop.sync()).toEqual({ ok: true, value: null })
    const { build, read } = laptop.database()
    expect(read.all(build.selectFrom('upload').select('state').where('mutation_id', '=', mutationId))).toEqual([
      { state: 'done' },
    ])
  })

  it('is taken without its PDF where the file has other bytes or none, says so, and a whole file brings it later', async () => {
    const { pdf, sha256, objectPath, mutationId } = await issue('VD-APRS-2026-0000000002')
    const without = await handOver(laptop, cloud.profile)
    expect(without.written).toMatchObject({ ok: true, value: { certificates: 0, missingFiles: 1 } })
    expect(await submit(without.bytes)).toMatchObject({ ok: true, value: { withoutFile: [mutationId] } })
    await laptop.vault.put(pdf)
    const { bytes } = await handOver(laptop, cloud.profile)
    const exchanged = altered(bytes, (file) => {
      file.attachments = [{ sha256, bytes: Buffer.from('%PDF-1.7 forged').toString('base64') }]
    })
    expect(await submit(exchanged)).toMatchObject({ ok: true, value: { withoutFile: [mutationId] } })
    expect(await stored(objectPath)).toBeNull()
    expect(await submit(bytes)).toMatchObject({ ok: true, value: { withoutFile: [] } })
    expect(await stored(objectPath)).toBe(Buffer.from(pdf).toString())
  })
})
