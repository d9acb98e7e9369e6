import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { signPdf } from '../../signing/sign-pdf.ts'
import type { Signer } from '../../signing/signer.ts'
import { hasTool, runTool } from '../../signing/testing/run-tool.ts'
import { appendRevision, openSignature, type PdfObjects } from '../../signing/testing/sample-pdf.ts'
import {
  createTestAuthority,
  issueTestCertificate,
  memorySigner,
  type TestAuthority,
} from '../../signing/testing/test-authority.ts'
import { verifyPdf } from '../../signing/verify-pdf.ts'
import { type CertificateFonts, loadCertificateFonts } from './certificate-fonts.ts'
import { type SignedCertificate, signCertificate } from './sign-certificate.ts'
import { fontFolder, sampleCertificate, withFile } from './testing.ts'

const now = new Date('2026-11-20T21:40:00.000Z')
let authority: TestAuthority
let fonts: CertificateFonts
let signer: Signer

beforeAll(async () => {
  fonts = await loadCertificateFonts(fontFolder)
  authority = await createTestAuthority(now)
  const own = await issueTestCertificate(authority, { commonName: 'Inés Marín Aguirre' }, now)
  signer = memorySigner(own, [authority.issuing.certificateDer])
}, 60_000)

async function sign(): Promise<SignedCertificate> {
  const signed = await signCertificate(sampleCertificate(), signer, fonts)
  if (!signed.ok) throw new Error(signed.error.message)
  return signed.value
}

const verify = (pdf: Uint8Array) => verifyPdf(pdf, { trustAnchors: [authority.root.certificateDer], at: now })

/** Appends objects to a certificate; its own numbers are looked up first. */
function append(pdf: Uint8Array, change: (text: string, free: number) => PdfObjects): Uint8Array {
  const text = Buffer.from(pdf).toString('latin1')
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1])
  const options = { root: number(/\/Root (\d+) 0 R/), information: number(/\/Info (\d+) 0 R/) }
  return appendRevision(pdf, change(text, number(/\/Size (\d+)/)), options)
}

const objectWith = (text: string, part: string): [number, string] => {
  const end = text.indexOf('\nendobj', text.indexOf(part))
  const start = text.lastIndexOf(' 0 obj\n', end)
  return [Number(/(\d+)$/.exec(text.slice(0, start))?.[1]), text.slice(start + 7, end)]
}

describe('a signed certificate', () => {
  it('is VALID and carries the figures that the ledger keeps', async () => {
    const { pdf, sha256, byteRangeDigest } = await sign()
    const data = sampleCertificate()
    expect(sha256).toBe(createHash('sha256').update(pdf).digest('hex'))
    expect(byteRangeDigest).toMatch(/^[0-9a-f]{64}$/)
    expect(byteRangeDigest).not.toBe(sha256)
    expect(await verify(pdf)).toMatchObject({
      verdict: 'VALID',
      certificate: {
        certificateNumber: data.number,
        contentHash: data.contentHash,
        batchHash: data.batch.batchHash,
      },
      signatures: [{ fieldName: 'auditor', claimedTime: data.signedAt, coversWholeFile: true }],
    })
  })

  it('stays VALID when the reviewer countersigns in the reserved field', async () => {
    const { pdf } = await sign()
    const open = append(pdf, (text, free) => {
      const [number, field] = objectWith(text, '/T (reviewer)')
      return { [number]: field.replace(/>>$/, `/V ${free} 0 R\n>>`), [free]: openSignature() }
    })
    const report = await verify((await signPdf(open, signer)).pdf)
    expect(report.reasons).toEqual([])
    expect(report.verdict).toBe('VALID')
    expect(report.signatures.map(({ fieldName }) => fieldName)).toEqual(['auditor', 'reviewer'])
  })

  it('is a FORBIDDEN_CHANGE when a page gets other contents', async () => {
    const { pdf } = await sign()
    const changed = append(pdf, (text, free) => {
      const [number, page] = objectWith(text, '/Type /Page\n')
      return {
        [number]: page.replace(/\/Contents \d+ 0 R/, `/Contents ${free} 0 R`),
        [free]: '<< /Length 0 >>\nstream\n\nendstream',
      }
    })
    expect((await verify(changed)).verdict).toBe('FORBIDDEN_CHANGE')
  })

  it.skipIf(!hasTool('pdfsig'))('is valid for pdfsig', async () => {
    const { pdf } = await sign()
    const { output } = withFile(pdf, (path) => runTool('pdfsig', ['-nocert', path]))
    expect(output).toContain('Signature is Valid.')
    expect(output).toContain('Total document signed')
  })
})
