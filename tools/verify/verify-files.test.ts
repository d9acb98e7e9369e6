import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadCertificateFonts } from '../../electron/certificates/document/certificate-fonts.ts'
import { signCertificate } from '../../electron/certificates/document/sign-certificate.ts'
import { fontFolder, sampleCertificate } from '../../electron/certificates/document/testing.ts'
import { openPkcs12 } from '../../electron/signing/open-pkcs12.ts'
import { samplePdf } from '../../electron/signing/testing/sample-pdf.ts'
import { ensureDemoAuthority } from '../demo-authority/ensure-demo-authority.ts'
import { type VerifyAnswer, type VerifyRequest, verifyFiles } from './verify-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'veridesk-verify-'))
const demoRoot = join(folder, 'authority', 'root.pem')
const person = { email: 'ines@demo.example', name: 'Inés Marín Aguirre', organisation: 'Cuenca Assurance' }

beforeAll(async () => {
  const { keys } = await ensureDemoAuthority(join(folder, 'authority'), [person])
  const key = keys.get(person.email)
  const opened = await openPkcs12(readFileSync(key?.p12Path ?? ''), key?.passphrase ?? '')
  if (!opened.ok) throw new Error(opened.error.message)
  const signed = await signCertificate(sampleCertificate(), opened.value, await loadCertificateFonts(fontFolder))
  if (!signed.ok) throw new Error(signed.error.message)
  const { pdf } = signed.value
  writeFileSync(join(folder, 'good.pdf'), pdf)
  const changed = Buffer.from(pdf)
  const at = changed.indexOf('/MediaBox [')
  changed.write('1', at + '/MediaBox ['.length, 'latin1')
  writeFileSync(join(folder, 'changed.pdf'), changed)
  writeFileSync(join(folder, 'unsigned.pdf'), samplePdf({ signed: false }))
  writeFileSync(join(folder, 'notes.txt'), 'not a PDF')
  mkdirSync(join(folder, 'folder.pdf'))
  await ensureDemoAuthority(join(folder, 'other'), [])
}, 60_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const run = (files: string[], changes: Partial<VerifyRequest> = {}): Promise<VerifyAnswer> =>
  verifyFiles({ files, trust: null, json: false, folder, demoRoot, at: new Date(), ...changes })

describe('verifying files', () => {
  it('says VALID, who signed, which certificate it is, and that the time is claimed', async () => {
    const { output, exitCode } = await run(['good.pdf'])
    expect(exitCode).toBe(0)
    for (const part of [
      'VALID  good.pdf',
      'demo authority',
      'Inés Marín Aguirre, Cuenca Assurance, ines@demo.example',
      'Inés Marín Aguirre < Veridesk Demo Issuing CA < Veridesk Demo Root CA',
      '2026-11-20T21:34:12.000Z (claimed by the signing computer)',
      sampleCertificate().number,
      sampleCertificate().contentHash,
      'the whole file',
    ]) {
      expect(output).toContain(part)
    }
  })

  it('ends with 1 when one of several files is not VALID, and reports each', async () => {
    const { output, exitCode } = await run(['good.pdf', 'changed.pdf', 'unsigned.pdf'])
    expect(exitCode).toBe(1)
    for (const part of ['VALID  good.pdf', 'INVALID  changed.pdf', 'NO SIGNATURE  unsigned.pdf']) {
      expect(output).toContain(part)
    }
  })

  it.each([
    ['missing.pdf', 'There is no such file.'],
    ['folder.pdf', 'This is a folder, not a file.'],
    ['notes.txt', 'not a PDF'],
  ])('says in a plain line what is wrong with %s', async (file, line) => {
    const { output, exitCode } = await run([file])
    expect(exitCode).toBe(1)
    expect(output).toContain(line)
    expect(output).not.toContain('Error')
  })

  it('says plainly when there is no trust anchor', async () => {
    const { output, exitCode } = await run(['good.pdf'], { demoRoot: join(folder, 'nothing.pem') })
    expect(exitCode).toBe(1)
    expect(output).toContain('There is no trust anchor')
    expect(output).toContain('UNTRUSTED  good.pdf')
  })

  it('takes the anchor it is given in place of the demo’s', async () => {
    expect((await run(['good.pdf'], { trust: 'authority/root.pem' })).exitCode).toBe(0)
    expect((await run(['good.pdf'], { trust: 'other/root.pem' })).output).toContain('UNTRUSTED  good.pdf')
    expect((await run(['good.pdf'], { trust: 'notes.txt' })).output).toContain('not a certificate')
    expect((await run(['good.pdf'], { trust: 'missing.pem' })).output).toContain('There is no such file.')
  })

  it('gives the same answers as JSON', async () => {
    const { output, exitCode } = await run(['good.pdf', 'missing.pdf'], { json: true })
    expect(exitCode).toBe(1)
    expect(JSON.parse(output)).toMatchObject({
      files: [
        { file: 'good.pdf', report: { verdict: 'VALID' } },
        { file: 'missing.pdf', problem: 'There is no such file.' },
      ],
    })
  })
})
