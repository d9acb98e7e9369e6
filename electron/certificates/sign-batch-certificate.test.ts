import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { mutationPayloads } from '../../shared/wire/sync.ts'
import { verifyAuditChain } from '../audit-trail/verify-audit-chain.ts'
import { people } from '../database/testing.ts'
import { markViewed } from '../evidence/mark-viewed.ts'
import { takeForPush } from '../outbox/take-for-push.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { setScore } from '../scores/set-score.ts'
import { verifyPdf } from '../signing/verify-pdf.ts'
import type { CertificateFiles } from './certificate-files.ts'
import {
  auditLog,
  auditorKey,
  fillDisk,
  openSigningDesk,
  recordsOf,
  type SigningDesk,
  signAt,
  signedBatch,
  startOfTest,
  stating,
  testAuthority,
} from './testing.ts'

let key: Uint8Array
let desk: SigningDesk
beforeAll(async () => {
  key = await auditorKey()
})
afterEach(() => desk.workspace.dispose())

/** A desk with everything in place to sign. */
async function readyDesk(options: Parameters<typeof openSigningDesk>[0] = {}): Promise<void> {
  desk = await openSigningDesk({ key, ...options })
  desk.score()
}

async function readCertificate(): Promise<Uint8Array> {
  const [row] = desk.workspace.database.read.all(desk.workspace.database.build.selectFrom('upload').select('sha256'))
  const bytes = await desk.vault.readAll((row?.sha256 ?? '') as Sha256, 10_000_000)
  if (!bytes.ok) throw new Error(bytes.error.message)
  return bytes.value
}

function textOf(pdf: Uint8Array): string {
  const path = join(desk.workspace.folder, 'certificate.pdf')
  writeFileSync(path, pdf)
  return execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' })
}

describe('a certificate that is signed', () => {
  test('is kept, verifies, says its number and content hash, and is recorded with the decision', async () => {
    await readyDesk()
    const contentHash = desk.detail().batch.contentHash
    const signed = await signAt(desk)
    if (!signed.ok) throw new Error(signed.error.message)
    const { certificateId, number } = signed.value
    expect(number).toMatch(/^VD-APRS-2026-[0-9A-F]{10}$/)

    const pdf = await readCertificate()
    const { root } = await testAuthority
    const report = await verifyPdf(pdf, { trustAnchors: [root.certificateDer], at: startOfTest })
    expect(report).toMatchObject({
      verdict: 'VALID',
      certificate: { certificateNumber: number, contentHash, batchHash: desk.detail().batch.batchHash },
      signatures: [{ signer: { commonName: 'Arun Mehta' }, claimedTime: '2026-11-20T09:00:00.000Z' }],
    })

    expect(desk.detail()).toMatchObject({
      status: 'verified',
      syncMark: 'queued',
      decisions: [{ action: 'verify', opinion: 'unmodified', contentHash, score: 400 }],
      certificates: [{ id: certificateId, number, sha256: sha256Hex(pdf), outboxState: 'queued' }],
    })
    const [decision, certificate] = desk.workspace.database
      .write((handle) => takeForPush(handle, desk.workspace.clock, 100))
      .slice(-2)
    expect(decision).toMatchObject({ kind: 'decision.record', content_hash: contentHash })
    expect(mutationPayloads['certificate.issue'].parse(certificate?.payload)).toMatchObject({
      certificate_number: number,
      sha256: sha256Hex(pdf),
      byte_size: pdf.byteLength,
      decision_id: decision?.row_id,
      object_path: `${signedBatch}/${certificateId}.pdf`,
    })
    expect(
      desk.workspace.database.read.all(
        desk.workspace.database.build.selectFrom('upload').select(['mutation_id', 'sha256', 'state']),
      ),
    ).toEqual([{ mutation_id: certificate?.mutation_id, sha256: sha256Hex(pdf), state: 'waiting' }])
    expect(auditLog(desk.workspace, ['decision.recorded', 'certificate.issued'])).toMatchObject([
      { action: 'decision.recorded', after: { action: 'verify', acknowledged_gates: ['unviewed_evidence'] } },
      {
        action: 'certificate.issued',
        entity_label: number,
        after: { sha256: sha256Hex(pdf), content_hash: contentHash },
      },
    ])
    expect(await verifyAuditChain(desk.context, { from: null, to: null }, () => undefined)).toMatchObject({
      ok: true,
      value: { ok: true, firstBreak: null },
    })
  })

  test('names the files that the auditor did not open', async () => {
    await readyDesk()
    const [opened] = desk.detail().evidence
    if (opened === undefined) throw new Error('The fixture has evidence')
    markViewed(desk.context, { evidenceFileId: opened.id, sha256: opened.sha256 })
    expect((await signAt(desk)).ok).toBe(true)
    const text = textOf(await readCertificate())
    expect(text).toContain('1 of them was opened by the auditor before deciding')
    const markAfter = (title: string): string | undefined =>
      /\b(Not viewed|Viewed)\b/.exec(text.slice(text.indexOf(title)))?.[1]
    expect(markAfter('Weighbridge ticket 1')).toBe('Viewed')
    expect(markAfter('Weighbridge ticket 2')).toBe('Not viewed')
  })

  test('may carry a qualified opinion with its basis', async () => {
    await readyDesk()
    expect((await signAt(desk, stating({ opinion: 'qualified', basis: 'Two tickets are missing.' }))).ok).toBe(true)
    expect(textOf(await readCertificate())).toContain('Two tickets are missing.')
  })

  test('is signed although the clock was never compared, or is a few hours off', async () => {
    for (const clockOffsetMilliseconds of [null, 23 * 60 * 60 * 1000, -23 * 60 * 60 * 1000]) {
      await readyDesk()
      const context = desk.workspace.as(people.auditor, { clockOffsetMilliseconds })
      expect((await signAt(desk, {}, { context })).ok, String(clockOffsetMilliseconds)).toBe(true)
      if (clockOffsetMilliseconds !== -23 * 60 * 60 * 1000) desk.workspace.dispose()
    }
  })

  test('is signed once, however often the key is pressed', async () => {
    await readyDesk()
    const answers = await Promise.all([signAt(desk), signAt(desk), signAt(desk)])
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(answers.filter(({ ok }) => !ok)).toMatchObject([
      { error: { code: 'blocked' } },
      { error: { code: 'blocked' } },
    ])
    expect(desk.detail().certificates).toHaveLength(1)
    expect(recordsOf(desk.workspace).upload).toBe(1)
  })
})

test('a disk that is full when decision and certificate are recorded leaves neither, and signing again works', async () => {
  await readyDesk()
  const before = recordsOf(desk.workspace)
  const long = stating({ opinion: 'qualified', basis: 'Tickets are missing. '.repeat(900).trim() })
  fillDisk(desk.workspace)
  expect(await signAt(desk, long)).toMatchObject({
    ok: false,
    error: {
      code: 'disk_full',
      message: expect.stringContaining('not saved'),
      action: expect.stringContaining('Free'),
    },
  })
  expect(recordsOf(desk.workspace)).toEqual(before)
  expect(desk.detail()).toMatchObject({ status: 'approved', certificates: [] })

  desk.workspace.database.write((handle) => handle.prepare('pragma max_page_count = 1000000').get())
  expect((await signAt(desk, long)).ok).toBe(true)
  expect(desk.detail().certificates).toHaveLength(1)
})

test('what changes while the certificate is being signed is never recorded under it', async () => {
  await readyDesk()
  const uploads = () => recordsOf(desk.workspace).upload
  const slow: CertificateFiles = {
    keep: async (sha256, bytes) => {
      setScore(desk.context, {
        batchId: signedBatch,
        criterionCode: 'Q-01',
        points: 1,
        notApplicableReason: null,
        note: '',
        evidenceFileIds: [],
      })
      return desk.files.keep(sha256, bytes)
    },
  }
  expect(await signAt(desk, {}, { files: slow })).toMatchObject({
    ok: false,
    error: { code: 'stale', message: expect.stringContaining('while the certificate was being signed') },
  })
  expect(uploads()).toBe(0)
  expect(desk.detail()).toMatchObject({ status: 'approved', certificates: [] })
})
