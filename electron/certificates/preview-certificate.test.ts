import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixture } from '../database/testing.ts'
import { verifyPdf } from '../signing/verify-pdf.ts'
import { withFile } from './document/testing.ts'
import { previewCertificate } from './preview-certificate.ts'
import { openSigningDesk, type SigningDesk, signedBatch, startOfTest, statement, testFonts } from './testing.ts'

let desk: SigningDesk
beforeEach(async () => {
  desk = await openSigningDesk()
})
afterEach(() => desk.workspace.dispose())

const preview = async (changes: Parameters<typeof statement>[0] = {}, batchId: string = signedBatch) => {
  const { acknowledgedGates, ...given } = statement(changes)
  const input = { batchId, statement: { ...given, acknowledgedGates: [...acknowledgedGates] } }
  return previewCertificate(desk.context, await testFonts, input)
}

const textOf = (pdf: Uint8Array): string =>
  withFile(pdf, (path) => execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }))

test('a preview says what would be signed, is marked as a draft and carries no signature', async () => {
  const made = await preview()
  if (!made.ok) throw new Error(made.error.message)
  const text = textOf(made.value)
  expect(text).toContain('DRAFT, NOT SIGNED')
  expect(text).toContain('The Autify Network')
  expect(text).toContain('Recalculation of the mass balance')
  expect(text).toContain(desk.detail().batch.batchHash)
  const report = await verifyPdf(made.value, { trustAnchors: [], at: startOfTest })
  expect(report.verdict).not.toBe('VALID')
  expect(report.signatures.filter(({ signer }) => signer !== null)).toEqual([])
})

test('a preview needs no key, no scores and no acknowledgement, and leaves no trace', async () => {
  const before = desk.workspace.database.read.all(desk.workspace.database.build.selectFrom('audit_event').selectAll())
  expect((await preview({ acknowledgedGates: [] })).ok).toBe(true)
  expect(desk.workspace.database.read.all(desk.workspace.database.build.selectFrom('audit_event').selectAll())).toEqual(
    before,
  )
  expect(desk.detail().status).toBe('approved')
})

test('what would keep it from being signed is said already here', async () => {
  expect(await preview({ addressee: '東京' })).toMatchObject({
    ok: false,
    error: { code: 'glyph_missing', message: expect.stringContaining('the addressee') },
  })
  expect(await preview({ opinion: 'qualified' })).toMatchObject({ ok: false, error: { code: 'invalid_input' } })
  expect(await preview({}, fixture.batch(9))).toMatchObject({ ok: false, error: { code: 'not_found' } })
})
