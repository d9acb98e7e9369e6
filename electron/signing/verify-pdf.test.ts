import { beforeAll, describe, expect, it } from 'vitest'
import type { VerificationReport } from '../../shared/domain/verification-report.ts'
import { signPdf } from './sign-pdf.ts'
import type { Signer } from './signer.ts'
import { issueCertificate } from './testing/issue-certificate.ts'
import { appendRevision, changedDrawing, openSignature, samplePdf, signedReviewer } from './testing/sample-pdf.ts'
import {
  type CertificateVariant,
  createTestAuthority,
  issueTestCertificate,
  memorySigner,
  type TestAuthority,
} from './testing/test-authority.ts'
import { verifyPdf } from './verify-pdf.ts'

const now = new Date('2026-11-20T21:33:00.000Z')
const auditor = { commonName: 'Inés Marín', organisation: 'Cuenca Assurance', email: 'ines@cuenca.example' }

let authority: TestAuthority
let signer: Signer
let reviewer: Signer
let signed: Uint8Array

async function makeSigner(variant: CertificateVariant, algorithm: 'rsa' | 'ec' = 'ec'): Promise<Signer> {
  const own = await issueTestCertificate(authority, auditor, now, { variant, algorithm })
  return memorySigner(own, [authority.issuing.certificateDer])
}

const verify = (pdf: Uint8Array, at = now): Promise<VerificationReport> =>
  verifyPdf(pdf, { trustAnchors: [authority.root.certificateDer], at })

async function countersign(pdf: Uint8Array, by: Signer): Promise<Uint8Array> {
  const open = appendRevision(pdf, { 7: signedReviewer(20), 20: openSignature() })
  return (await signPdf(open, by)).pdf
}

function replace(pdf: Uint8Array, from: string, to: string): Uint8Array {
  expect(to).toHaveLength(from.length)
  const text = Buffer.from(pdf).toString('latin1')
  expect(text.split(from)).toHaveLength(2)
  return Buffer.from(text.replace(from, to), 'latin1')
}

beforeAll(async () => {
  authority = await createTestAuthority(now)
  signer = await makeSigner('proper')
  reviewer = await makeSigner('proper', 'rsa')
  signed = (await signPdf(samplePdf(), signer)).pdf
}, 60_000)

describe('a file as it was signed', () => {
  it.each(['rsa', 'ec'] as const)('is VALID with a key of kind %s', async (algorithm) => {
    const { pdf, sha256Hex } = await signPdf(samplePdf(), await makeSigner('proper', algorithm))
    const report = await verify(pdf)
    expect(report).toMatchObject({
      verdict: 'VALID',
      sha256: sha256Hex,
      reasons: [],
      certificate: { certificateNumber: 'VD-1', contentHash: 'aa', batchHash: null },
      signatures: [
        {
          fieldName: 'auditor',
          level: 'B-B',
          coversWholeFile: true,
          trusted: true,
          claimedTime: now.toISOString(),
          signer: auditor,
        },
      ],
    })
    expect(report.signatures[0]?.chain.map((link) => link.commonName)).toEqual([
      'Inés Marín',
      'Veridesk Test Issuing CA',
      'Veridesk Test Root CA',
    ])
  })

  it('gives a report that is plain JSON', async () => {
    const report = await verify(signed)
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })
})

describe('a file that is not as it was signed', () => {
  it('is INVALID when data hides in the padding behind the signature', async () => {
    const hidden = Buffer.from(signed)
    hidden.write('01', hidden.indexOf('00> /M'), 'latin1')
    expect((await verify(hidden)).verdict).toBe('INVALID')
  })

  it('is INVALID when a byte on the page was changed', async () => {
    const report = await verify(replace(signed, 'for 12 credits', 'for 92 credits'))
    expect(report.verdict).toBe('INVALID')
    expect(report.reasons).toContain('The signed bytes were changed: their digest is not the one that was signed.')
  })

  it('is INVALID when it was cut off', async () => {
    expect((await verify(signed.subarray(0, signed.length - 40))).verdict).toBe('INVALID')
  })

  it('is INVALID when the byte range has a hole beside the signature', async () => {
    const text = Buffer.from(signed).toString('latin1')
    const range = /\/ByteRange \[0 (\d+) (\d+) (\d+)\s*\]/.exec(text)
    const wider = `/ByteRange [0 ${range?.[1]} ${Number(range?.[2]) + 30} ${Number(range?.[3]) - 30}`
    const holed = replace(signed, range?.[0] ?? '', `${wider.padEnd((range?.[0].length ?? 0) - 1, ' ')}]`)
    const report = await verify(holed)
    expect(report.verdict).toBe('INVALID')
    expect(report.reasons.join()).toContain('hole')
  })

  it('is INVALID when the spelling of the signature was changed without changing its value', async () => {
    const text = Buffer.from(signed).toString('latin1')
    const at = text.indexOf('/Contents <') + 11
    const letter = at + text.slice(at).search(/[a-f]/)
    const respelled = Buffer.from(signed)
    respelled.write(text.charAt(letter).toUpperCase(), letter, 'latin1')
    expect((await verify(respelled)).verdict).toBe('INVALID')
  })
})

describe('what was appended', () => {
  it('is a FORBIDDEN_CHANGE when it edits a page', async () => {
    const report = await verify(appendRevision(signed, { 4: changedDrawing }))
    expect(report.verdict).toBe('FORBIDDEN_CHANGE')
    expect(report.signatures[0]?.coversWholeFile).toBe(false)
  })

  it('is a FORBIDDEN_CHANGE when a page was edited and then countersigned', async () => {
    const report = await verify(await countersign(appendRevision(signed, { 4: changedDrawing }), reviewer))
    expect(report.verdict).toBe('FORBIDDEN_CHANGE')
    expect(report.signatures.map((signature) => signature.verdict)).toEqual(['FORBIDDEN_CHANGE', 'VALID'])
  })

  it('is a FORBIDDEN_CHANGE when the countersigned page was edited and put back', async () => {
    const between = await countersign(appendRevision(signed, { 4: changedDrawing }), reviewer)
    const original = /4 0 obj\n([\s\S]*?)\nendobj/.exec(Buffer.from(signed).toString('latin1'))?.[1] ?? ''
    expect((await verify(appendRevision(between, { 4: original }))).verdict).toBe('FORBIDDEN_CHANGE')
  })

  it('is VALID when it countersigns in the reserved field', async () => {
    const report = await verify(await countersign(signed, reviewer))
    expect(report.reasons).toEqual([])
    expect(report.verdict).toBe('VALID')
    expect(report.signatures.map((signature) => signature.fieldName)).toEqual(['auditor', 'reviewer'])
  })

  it('is a FORBIDDEN_CHANGE when it moves the reserved field and signs there', async () => {
    const moved = signedReviewer(20).replace('300 72 500 132', '0 0 595 842')
    const { pdf } = await signPdf(appendRevision(signed, { 7: moved, 20: openSignature() }), reviewer)
    const report = await verify(pdf)
    expect(report.signatures.map((signature) => signature.verdict)).toEqual(['FORBIDDEN_CHANGE', 'VALID'])
  })

  it('is INVALID when it puts something into the reserved field that is no signature', async () => {
    expect((await verify(appendRevision(signed, { 7: signedReviewer(20), 20: openSignature() }))).verdict).toBe(
      'INVALID',
    )
  })

  it('is UNTRUSTED when a stranger countersigns', async () => {
    const other = await createTestAuthority(now, 'Stranger')
    const own = await issueTestCertificate(other, auditor, now, { algorithm: 'ec' })
    const stranger = memorySigner(own, [other.issuing.certificateDer])
    expect((await verify(await countersign(signed, stranger))).verdict).toBe('UNTRUSTED')
  })

  it('is VALID when it brings material for long-term validation', async () => {
    const certificate = Buffer.from(authority.root.certificateDer).toString('latin1')
    const appended = appendRevision(signed, {
      1: '<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /DSS 20 0 R >>',
      20: '<< /Type /DSS /Certs [21 0 R] >>',
      21: `<< /Length ${certificate.length} >>\nstream\n${certificate}\nendstream`,
    })
    const report = await verify(appended)
    expect(report.reasons).toEqual([])
    expect(report.verdict).toBe('VALID')
  })

  it.each([
    ['adds an annotation', { 3: '<< /Type /Page /Parent 2 0 R /Annots [6 0 R 7 0 R 20 0 R] >>', 20: '<< >>' }, {}],
    ['takes the signature out of the form', { 5: '<< /Fields [7 0 R] /SigFlags 3 >>' }, {}],
    ['takes the whole form away', { 1: '<< /Type /Catalog /Pages 2 0 R >>' }, {}],
    ['changes the metadata', { 9: '<< /VerideskCertificateNumber (VD-2) /VerideskContentHash (bb) >>' }, {}],
    [
      'shows another document',
      { 20: '<< /Type /Catalog /Pages 21 0 R >>', 21: '<< /Type /Pages /Kids [] /Count 0 >>' },
      { root: 20 },
    ],
    ['points at other metadata', { 20: '<< >>' }, { information: 20 }],
    ['hides an object from the table', { 20: '<< >>' }, { unlisted: '21 0 obj\n<< >>\nendobj\n' }],
    [
      'leads a reader of the table back to another object',
      { 20: '<< >>' },
      { editPlaces: (places: Map<number, number>) => places.set(4, 15) },
    ],
  ])('is a FORBIDDEN_CHANGE when it %s', async (_, objects, options) => {
    expect((await verify(appendRevision(signed, objects, options))).verdict).toBe('FORBIDDEN_CHANGE')
  })

  it.each(['\n', '%%EOF', '% a comment\n', '21 0 obj\n<< >>\nendobj\n', 'PK\u0003\u0004'])(
    'is a FORBIDDEN_CHANGE when it is no revision at all: %j',
    async (tail) => {
      const report = await verify(Buffer.concat([signed, Buffer.from(tail, 'latin1')]))
      expect(report.verdict).toBe('FORBIDDEN_CHANGE')
    },
  )
})

describe('certificates', () => {
  const sign = async (variant: CertificateVariant): Promise<Uint8Array> =>
    (await signPdf(samplePdf(), await makeSigner(variant))).pdf

  it('make the file INVALID when the signer’s has expired and no timestamp proves the time', async () => {
    const report = await verify(await sign('expired'))
    expect(report.verdict).toBe('INVALID')
    expect(report.reasons.join()).toContain('expired')
  })

  it('make the file INVALID when the signer’s expires after signing', async () => {
    expect((await verify(signed, new Date('2031-01-01T00:00:00Z'))).verdict).toBe('INVALID')
  })

  it.each(['not-yet-valid', 'not-for-signing'] as const)(
    'make the file INVALID when the signer’s is %s',
    async (variant) => {
      expect((await verify(await sign(variant))).verdict).toBe('INVALID')
    },
  )

  it('make the file UNTRUSTED when no anchor knows the issuer', async () => {
    const stranger = await createTestAuthority(now, 'Stranger')
    const report = await verifyPdf(signed, { trustAnchors: [stranger.root.certificateDer], at: now })
    expect(report.verdict).toBe('UNTRUSTED')
    expect(report.reasons.join()).toContain('not among the trust anchors')
  })

  it('make the file UNTRUSTED when there is no anchor, and INVALID when it was changed besides', async () => {
    const none = { trustAnchors: [], at: now }
    expect((await verifyPdf(signed, none)).verdict).toBe('UNTRUSTED')
    const changed = replace(signed, 'for 12 credits', 'for 92 credits')
    expect((await verifyPdf(changed, none)).verdict).toBe('INVALID')
  })

  it('make the file INVALID when one that is no authority issued another', async () => {
    const person = await issueTestCertificate(authority, auditor, now, { algorithm: 'ec' })
    const forged = await issueTestCertificate({ ...authority, issuing: person }, auditor, now, { algorithm: 'ec' })
    const chain = [person.certificateDer, authority.issuing.certificateDer]
    const report = await verify((await signPdf(samplePdf(), memorySigner(forged, chain))).pdf)
    expect(report.verdict).toBe('INVALID')
  })

  it('make the file INVALID when more authorities follow than one allows', async () => {
    const deeper = await issueTestCertificate(authority, { commonName: 'Deeper CA' }, now, {
      variant: 'authority',
      algorithm: 'ec',
    })
    const own = await issueTestCertificate({ ...authority, issuing: deeper }, auditor, now, { algorithm: 'ec' })
    const chain = [deeper.certificateDer, authority.issuing.certificateDer]
    const report = await verify((await signPdf(samplePdf(), memorySigner(own, chain))).pdf)
    expect(report.verdict).toBe('INVALID')
    expect(report.reasons.join()).toContain('More authorities')
  })

  it('make the file INVALID when another was put in the place of the one that the signature names', async () => {
    const period = { validFrom: new Date(now.getTime() - 1e9), validTo: new Date(now.getTime() + 1e10) }
    const request = {
      ...auditor,
      ...period,
      algorithm: 'ec',
      usage: ['digitalSignature'],
      authority: null,
      issuer: authority.issuing,
    } as const
    const own = await issueCertificate(request)
    const { pdf } = await signPdf(samplePdf(), memorySigner(own, [authority.issuing.certificateDer]))
    // An ECDSA signature varies in length by an octet or two; a twin of the same length fits into the same place.
    let twin = own
    do {
      twin = await issueCertificate({ ...request, validTo: new Date(now.getTime() + 2e10), renewalOf: own })
    } while (twin.certificateDer.length !== own.certificateDer.length)
    const swapped = replace(
      pdf,
      Buffer.from(own.certificateDer).toString('hex'),
      Buffer.from(twin.certificateDer).toString('hex'),
    )
    const report = await verify(swapped)
    expect(report.verdict).toBe('INVALID')
    expect(report.reasons).toEqual(['The signature names another certificate than the one enclosed (ESS).'])
  }, 60_000)
})

describe('a file without a signature', () => {
  it('is NO_SIGNATURE when it is a whole PDF', async () => {
    expect(await verify(samplePdf({ signed: false }))).toMatchObject({ verdict: 'NO_SIGNATURE', signatures: [] })
  })

  it.each(['', 'hello', '%PDF-1.7\n', '\u0000\u0001\u0002'])('is INVALID when it is no PDF: %j', async (text) => {
    expect((await verify(Buffer.from(text, 'latin1'))).verdict).toBe('INVALID')
  })
})
