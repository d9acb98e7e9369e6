import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RequestOf } from '../../shared/contract/channels.ts'
import type { OpenedEvidence } from '../../shared/contract/views.ts'
import { fixture, insertInto, people } from '../database/testing.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { toPem } from '../signing/testing/issue-certificate.ts'
import { makePkcs12 } from '../signing/testing/make-pkcs12.ts'
import { createTestAuthority, issueTestCertificate } from '../signing/testing/test-authority.ts'
import { openTestProgram, type TestProgram } from './testing.ts'

const batchId = fixture.batch(0)
const passphrase = 'correct horse battery staple'
const statement: RequestOf<'certificate.sign'>['statement'] = {
  opinion: 'unmodified',
  assuranceLevel: 'limited',
  addressee: 'The Autify Network',
  procedures: 'Inspection of records',
  basis: '',
  acknowledgedGates: ['unviewed_evidence'],
}

let key: Uint8Array<ArrayBuffer>
let rootPem: string
let program: TestProgram
beforeAll(async () => {
  const now = new Date()
  const { root, issuing } = await createTestAuthority(now)
  const own = await issueTestCertificate({ root, issuing }, { commonName: people.auditor.name }, now, {
    algorithm: 'ec',
  })
  key = new Uint8Array(await makePkcs12(own, [issuing.certificateDer], passphrase))
  rootPem = toPem(root.certificateDer)
})
beforeEach(async () => {
  program = await openTestProgram({ fixture: { batches: 1, statusOf: () => 'approved' } })
})
afterEach(() => program.dispose())

async function value<Value>(
  answer: Promise<{ ok: true; value: Value } | { ok: false; error: { message: string } }>,
): Promise<Value> {
  const result = await answer
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

async function sign() {
  await value(program.call('signingKey.import', { bytes: key, passphrase }))
  for (const criterionCode of fixture.criteria)
    await value(
      program.call('score.set', {
        batchId,
        criterionCode,
        points: 4,
        notApplicableReason: null,
        note: '',
        evidenceFileIds: [],
      }),
    )
  const { batch } = await value(program.call('batch.get', { batchId }))
  program.announced.length = 0
  return value(program.call('certificate.sign', { batchId, statement, contentHash: batch.contentHash, passphrase }))
}

async function bytesOf({ url, byteSize }: OpenedEvidence): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await program.openFiles.read(url.replace('evidence/', ''), 0, byteSize)
  return new Uint8Array(bytes ?? [])
}

test('an auditor imports a key, signs, opens, saves and checks the certificate, all without a network', async () => {
  const signed = await sign()
  expect(signed.detail).toMatchObject({ status: 'verified', certificates: [{ number: signed.number }] })
  expect(program.announced).toContainEqual({ event: 'batches.changed', payload: { batchIds: [batchId] } })

  const { certificateId, number } = signed
  const opened = await value(program.call('certificate.open', { certificateId }))
  expect(opened).toMatchObject({ mediaType: 'application/pdf', sha256: signed.detail.certificates[0]?.sha256 })
  const pdf = await bytesOf(opened)
  expect(sha256Hex(pdf)).toBe(opened.sha256)
  expect(program.openFiles.describe(opened.url.replace('evidence/', ''))?.fileName).toBe(`${number}.pdf`)

  program.saveTo = join(program.folder, 'copy.pdf')
  expect(await program.call('certificate.save', { certificateId })).toEqual({
    ok: true,
    value: { path: program.saveTo },
  })
  expect(program.offeredNames).toEqual([`${number}.pdf`])
  expect(readFileSync(program.saveTo)).toEqual(Buffer.from(pdf))

  program
    .workspace()
    .database.write((handle) =>
      insertInto(handle, 'trust_anchor', { id: 'a', name: 'Root', certificate_pem: rootPem, version: 1, scopes: 1 }),
    )
  expect(await program.call('certificate.verify', { fileName: 'copy.pdf', bytes: pdf })).toMatchObject({
    ok: true,
    value: { verdict: 'VALID', certificate: { certificateNumber: number } },
  })
})

describe('saving a copy', () => {
  test('may be cancelled, and a place that cannot be written leaves nothing there', async () => {
    const { certificateId } = await sign()
    expect(await program.call('certificate.save', { certificateId })).toEqual({ ok: true, value: null })
    const taken = join(program.folder, 'taken')
    mkdirSync(taken)
    program.saveTo = taken
    expect(await program.call('certificate.save', { certificateId })).toMatchObject({
      ok: false,
      error: { code: 'not_allowed', action: expect.stringContaining('another folder') },
    })
    program.saveTo = join(program.folder, 'nowhere', 'copy.pdf')
    expect(await program.call('certificate.save', { certificateId })).toMatchObject({ error: { code: 'not_allowed' } })
    expect(readdirSync(taken)).toEqual([])
    expect(readdirSync(program.folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('of a certificate that is not here is not found, and no place is asked for', async () => {
    expect(await program.call('certificate.save', { certificateId: fixture.batch(7) })).toMatchObject({
      ok: false,
      error: { code: 'not_found' },
    })
    expect(program.offeredNames).toEqual([])
  })
})

test('a certificate whose file is neither here nor to be fetched says so', async () => {
  const { certificateId, detail } = await sign()
  const sha256 = detail.certificates[0]?.sha256
  if (sha256 === undefined) throw new Error('It was signed')
  await program.workspace().vault.remove(sha256)
  for (const channel of ['certificate.open', 'certificate.save'] as const) {
    const answer = await program.call(channel, { certificateId })
    expect(answer.ok ? '' : answer.error.code).toMatch(/^(not_found|offline|file_missing)$/)
  }
})

test('a preview is opened as a draft; preparing it again keeps its address and shows the new words', async () => {
  const first = await value(program.call('certificate.preview', { batchId, statement }))
  const before = await bytesOf(first)
  const second = await value(
    program.call('certificate.preview', { batchId, statement: { ...statement, addressee: 'Somebody else' } }),
  )
  expect(second.url).toBe(first.url)
  expect(second.sha256).not.toBe(first.sha256)
  expect(sha256Hex(await bytesOf(second))).toBe(second.sha256)
  expect(sha256Hex(before)).toBe(first.sha256)
  await value(program.call('session.signOut', { keepUnsent: false }))
  expect((await bytesOf(second)).byteLength).toBe(0)
})

test('a refused signature is not announced', async () => {
  program.announced.length = 0
  expect(
    await program.call('certificate.sign', { batchId, statement, contentHash: 'f'.repeat(64), passphrase }),
  ).toMatchObject({ ok: false, error: { code: 'stale' } })
  expect(program.announced.filter(({ event }) => event === 'batches.changed')).toEqual([])
})

test('a report is offered under a telling name, written where the person says, or cancelled', async () => {
  const input = { from: '2026-11-01', to: '2026-11-30', format: 'csv' } as const
  expect(await program.call('report.write', input)).toEqual({ ok: true, value: null })
  expect(program.offeredNames).toEqual(['decisions-2026-11-01-to-2026-11-30.csv'])
  program.saveTo = join(program.folder, 'register.csv')
  const written = await value(program.call('report.write', input))
  expect(written?.sha256).toBe(sha256Hex(readFileSync(program.saveTo)))
  const { entries } = await value(
    program.call('audit.list', { text: '', action: 'report.written', before: null, limit: 10 }),
  )
  expect(entries).toHaveLength(1)
  expect(await program.call('report.decisions', { from: input.from, to: input.to, limit: 10 })).toEqual({
    ok: true,
    value: { rows: [], total: 0 },
  })
})
