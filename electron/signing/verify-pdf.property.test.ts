import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { signPdf } from './sign-pdf.ts'
import { appendRevision, openSignature, samplePdf, signedReviewer } from './testing/sample-pdf.ts'
import {
  createTestAuthority,
  issueTestCertificate,
  memorySigner,
  type TestAuthority,
} from './testing/test-authority.ts'
import { verifyPdf } from './verify-pdf.ts'

const now = new Date('2026-11-20T21:33:00.000Z')
const algorithms = ['rsa', 'ec'] as const

let authority: TestAuthority
const files = new Map<string, Uint8Array>()

beforeAll(async () => {
  authority = await createTestAuthority(now)
  for (const algorithm of algorithms) {
    const own = await issueTestCertificate(authority, { commonName: 'Inés Marín' }, now, { algorithm })
    const signer = memorySigner(own, [authority.issuing.certificateDer])
    const { pdf } = await signPdf(samplePdf(), signer)
    const open = appendRevision(pdf, { 7: signedReviewer(20), 20: openSignature() })
    files.set(algorithm, pdf).set(`${algorithm}, countersigned`, (await signPdf(open, signer)).pdf)
  }
}, 60_000)

const verdict = async (pdf: Uint8Array): Promise<string> =>
  (await verifyPdf(pdf, { trustAnchors: [authority.root.certificateDer], at: now })).verdict

it.each(['rsa', 'ec', 'rsa, countersigned', 'ec, countersigned'])(
  'no byte of a signed file can be changed and leave it VALID: %s',
  async (name) => {
    const file = files.get(name) ?? new Uint8Array()
    expect(await verdict(file)).toBe('VALID')
    const position = fc.nat({ max: file.length - 1 })
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const changed = Uint8Array.from(file)
        changed[at] = (changed[at] ?? 0) ^ mask
        expect(await verdict(changed)).not.toBe('VALID')
      }),
      { numRuns: 400 },
    )
  },
  120_000,
)

it('no beginning of a signed file is VALID', async () => {
  const file = files.get('ec') ?? new Uint8Array()
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: file.length - 1 }), async (length) => {
      expect(await verdict(file.subarray(0, length))).not.toBe('VALID')
    }),
    { numRuns: 100 },
  )
}, 120_000)
