import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RequestOf } from '../../shared/contract/channels.ts'
import type { Statement } from '../../shared/contract/views.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { Result } from '../../shared/result.ts'
import { mutationPayloads } from '../../shared/wire/sync.ts'
import { verifyAuditChain } from '../audit-trail/verify-audit-chain.ts'
import type { CaseContext } from '../database/case-context.ts'
import { fixture, insertInto, people } from '../database/testing.ts'
import { markViewed } from '../evidence/mark-viewed.ts'
import { raiseFinding } from '../findings/raise-finding.ts'
import { takeForPush } from '../outbox/take-for-push.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { systemDisk, type VaultDisk } from '../platform/vault/receive-file.ts'
import { setScore } from '../scores/set-score.ts'
import { verifyPdf } from '../signing/verify-pdf.ts'
import type { CertificateFiles } from './certificate-files.ts'
import { signBatchCertificate } from './sign-batch-certificate.ts'
import { removeSigningKey } from './signing-key.ts'
import {
  auditLog,
  auditorKey,
  fillDisk,
  openSigningDesk,
  type SigningDesk,
  signedBatch,
  startOfTest,
  statement,
  testAuthority,
  testFonts,
} from './testing.ts'

const day = 24 * 60 * 60 * 1000
const tables = ['outbox', 'pending_row', 'upload', 'audit_event', 'batch_overlay'] as const

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

async function sign(
  more: Partial<RequestOf<'certificate.sign'>> = {},
  as: { readonly context?: CaseContext; readonly files?: CertificateFiles } = {},
): Promise<Result<{ readonly certificateId: string; readonly number: string }>> {
  return signBatchCertificate(as.context ?? desk.context, as.files ?? desk.files, await testFonts, desk.request(more))
}

const stating = (more: Partial<Statement>): Pick<RequestOf<'certificate.sign'>, 'statement'> => {
  const given = statement(more)
  return { statement: { ...given, acknowledgedGates: [...given.acknowledgedGates] } }
}

const records = (): Record<string, number> =>
  Object.fromEntries(
    tables.map((table) => [
      table,
      desk.workspace.database.read.all(desk.workspace.database.build.selectFrom(table).selectAll()).length,
    ]),
  )

const keptFiles = (): readonly string[] =>
  readdirSync(desk.workspace.folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /[0-9a-f]{64}(\.part)?$/.test(path),
  )

/** Tries to sign, and sees that nothing came of it: no signature, no file, no record. */
async function refused(
  attempt: () => ReturnType<typeof sign>,
): Promise<{ readonly code: string; readonly message: string; readonly action?: string }> {
  const before = records()
  const result = await attempt()
  if (result.ok) throw new Error('It was signed')
  expect(records()).toEqual(before)
  expect(keptFiles()).toEqual([])
  expect(desk.detail()).toMatchObject({ status: 'approved', certificates: [] })
  return result.error
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
    const signed = await sign()
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
    expect((await sign()).ok).toBe(true)
    const text = textOf(await readCertificate())
    expect(text).toContain('1 of them was opened by the auditor before deciding')
    const markAfter = (title: string): string | undefined =>
      /\b(Not viewed|Viewed)\b/.exec(text.slice(text.indexOf(title)))?.[1]
    expect(markAfter('Weighbridge ticket 1')).toBe('Viewed')
    expect(markAfter('Weighbridge ticket 2')).toBe('Not viewed')
  })

  test('may carry a qualified opinion with its basis', async () => {
    await readyDesk()
    expect((await sign(stating({ opinion: 'qualified', basis: 'Two tickets are missing.' }))).ok).toBe(true)
    expect(textOf(await readCertificate())).toContain('Two tickets are missing.')
  })

  test('is signed although the clock was never compared, or is a few hours off', async () => {
    for (const clockOffsetMilliseconds of [null, 23 * 60 * 60 * 1000, -23 * 60 * 60 * 1000]) {
      await readyDesk()
      const context = desk.workspace.as(people.auditor, { clockOffsetMilliseconds })
      expect((await sign({}, { context })).ok, String(clockOffsetMilliseconds)).toBe(true)
      if (clockOffsetMilliseconds !== -23 * 60 * 60 * 1000) desk.workspace.dispose()
    }
  })

  test('is signed once, however often the key is pressed', async () => {
    await readyDesk()
    const answers = await Promise.all([sign(), sign(), sign()])
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(answers.filter(({ ok }) => !ok)).toMatchObject([
      { error: { code: 'blocked' } },
      { error: { code: 'blocked' } },
    ])
    expect(desk.detail().certificates).toHaveLength(1)
    expect(records().upload).toBe(1)
  })
})

describe('nothing is signed and nothing recorded', () => {
  test.each([
    [365 * day, '365 days behind'],
    [-365 * day, '365 days ahead of'],
    [day, '1 day behind'],
  ])('with a clock that is %i ms off the cloud', async (clockOffsetMilliseconds, words) => {
    await readyDesk()
    const context = desk.workspace.as(people.auditor, { clockOffsetMilliseconds })
    expect(await refused(() => sign({}, { context }))).toMatchObject({
      code: 'clock_wrong',
      message: expect.stringContaining(words),
      action: expect.stringContaining('Set the computer to the right date'),
    })
  })

  test('when the batch is another one than the certificate was prepared for', async () => {
    await readyDesk()
    expect(await refused(() => sign({ contentHash: 'f'.repeat(64) }))).toMatchObject({ code: 'stale' })
  })

  test('when what is mirrored is not what the content hash is over', async () => {
    await readyDesk()
    desk.workspace.database.write((handle) =>
      handle.prepare('update batch set quantity = quantity + 1 where id = ?').run(signedBatch),
    )
    expect(await refused(() => sign())).toMatchObject({ code: 'stale', action: expect.stringContaining('Sync') })
  })

  test.each(['car', 'cl'] as const)('with an open %s', async (kind) => {
    await readyDesk()
    const raised = raiseFinding(desk.context, {
      batchId: signedBatch,
      kind,
      title: 'Ticket without a signature',
      description: 'Ticket 2 is not signed.',
      criterionCode: null,
      evidenceFileId: null,
      dueAt: null,
      misstatement: null,
    })
    expect(raised.ok).toBe(true)
    expect(await refused(() => sign())).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('Ticket without a signature'),
    })
  })

  test('with no points on a knock-out criterion, and before every criterion is scored', async () => {
    desk = await openSigningDesk({ key })
    expect(await refused(() => sign())).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('4 criteria have no score'),
    })
    desk.score({ 'E-01': 0 })
    expect(await refused(() => sign())).toMatchObject({ code: 'blocked', message: expect.stringContaining('E-01') })
  })

  test('while unopened files are not acknowledged', async () => {
    await readyDesk()
    expect(await refused(() => sign(stating({ acknowledgedGates: [] })))).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('Weighbridge ticket 1; Weighbridge ticket 2'),
    })
  })

  test('by acknowledging a gate that blocks', async () => {
    desk = await openSigningDesk({ key })
    const acknowledgedGates = ['incomplete_scores', 'unviewed_evidence']
    expect(await refused(() => sign(stating({ acknowledgedGates })))).toMatchObject({ code: 'blocked' })
  })

  test.each([
    ['a desk verifier', people.desk],
    ['a compliance officer', people.compliance],
    ['a recycler', people.recycler],
  ] as const)('for %s', async (_, person: Person) => {
    await readyDesk()
    expect(await refused(() => sign({}, { context: desk.workspace.as(person) }))).toMatchObject({
      code: 'not_allowed',
      message: expect.stringContaining('Only an accredited auditor'),
    })
  })

  test('for an auditor to whom the batch is not assigned any more', async () => {
    await readyDesk()
    desk.workspace.database.write((handle) =>
      handle.prepare('update assignment set ended_at = ? where user_id = ?').run('2026-11-19', people.auditor.id),
    )
    expect(await refused(() => sign())).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('not assigned to you'),
    })
  })

  test('for an auditor who approved the batch', async () => {
    await readyDesk()
    desk.workspace.database.write((handle) =>
      insertInto(handle, 'decision', {
        id: 'approval',
        batch_id: signedBatch,
        actor_id: people.auditor.id,
        action: 'approve',
        from_status: 'under_review',
        to_status: 'approved',
        reason_code: 'other',
        reason: 'Approved',
        content_hash: desk.detail().batch.contentHash,
        unviewed_evidence_count: 0,
        decided_at: '2026-11-19T09:00:00.000Z',
        received_at: '2026-11-19T09:00:01.000Z',
        version: 1,
        scopes: 1,
      }),
    )
    expect(await refused(() => sign())).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('approved this batch yourself'),
    })
  })

  test('for a batch that is not here', async () => {
    await readyDesk()
    expect(await refused(() => sign({ batchId: fixture.batch(9) }))).toMatchObject({ code: 'not_found' })
  })

  test('with the wrong passphrase, without a key, and with a certificate that ran out', async () => {
    await readyDesk()
    expect(await refused(() => sign({ passphrase: 'wrong' }))).toMatchObject({ code: 'signing_key_wrong_passphrase' })
    desk.workspace.clock.advance(3 * 365 * day)
    expect(await refused(() => sign())).toMatchObject({
      code: 'signing_certificate_expired',
      message: expect.stringContaining('this computer shows 2029'),
    })
    removeSigningKey(desk.context)
    expect((await refused(() => sign())).code).toBe('signing_key_missing')
  })

  test('with a character that cannot be printed, which is named with its place', async () => {
    await readyDesk()
    expect(await refused(() => sign(stating({ addressee: 'Pengurus 東京' })))).toMatchObject({
      code: 'glyph_missing',
      message: 'The character “東” (U+6771) in the addressee cannot be printed on a certificate.',
      action: expect.any(String),
    })
  })

  test.each(['adverse', 'disclaimed'] as const)('for an %s opinion, which no certificate carries', async (opinion) => {
    await readyDesk()
    // With a passphrase that opens nothing: the opinion is looked at before the key is.
    const attempt = () => sign({ ...stating({ opinion, basis: 'Half of the tickets are forged.' }), passphrase: '' })
    expect(await refused(attempt)).toMatchObject({
      code: 'invalid_input',
      message: 'A certificate carries an unmodified or a qualified opinion.',
      action: expect.stringContaining('Reject the batch or request changes'),
    })
  })

  test('for a qualified opinion without its basis', async () => {
    await readyDesk()
    expect(await refused(() => sign(stating({ opinion: 'qualified' })))).toMatchObject({
      code: 'invalid_input',
      action: expect.stringContaining('basis'),
    })
  })

  test('when the disk is full while the file is kept', async () => {
    const full: VaultDisk = {
      ...systemDisk,
      open: async () => {
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      },
    }
    await readyDesk({ disk: full })
    expect(await refused(() => sign())).toMatchObject({ code: 'disk_full', action: expect.stringContaining('Free') })
  })
})

test('a disk that is full when decision and certificate are recorded leaves neither, and signing again works', async () => {
  await readyDesk()
  const before = records()
  const long = stating({ opinion: 'qualified', basis: 'Tickets are missing. '.repeat(900).trim() })
  fillDisk(desk.workspace)
  expect(await sign(long)).toMatchObject({
    ok: false,
    error: {
      code: 'disk_full',
      message: expect.stringContaining('not saved'),
      action: expect.stringContaining('Free'),
    },
  })
  expect(records()).toEqual(before)
  expect(desk.detail()).toMatchObject({ status: 'approved', certificates: [] })

  desk.workspace.database.write((handle) => handle.prepare('pragma max_page_count = 1000000').get())
  expect((await sign(long)).ok).toBe(true)
  expect(desk.detail().certificates).toHaveLength(1)
})

test('what changes while the certificate is being signed is never recorded under it', async () => {
  await readyDesk()
  const before = () => records().upload
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
  expect(await sign({}, { files: slow })).toMatchObject({
    ok: false,
    error: { code: 'stale', message: expect.stringContaining('while the certificate was being signed') },
  })
  expect(before()).toBe(0)
  expect(desk.detail()).toMatchObject({ status: 'approved', certificates: [] })
})
