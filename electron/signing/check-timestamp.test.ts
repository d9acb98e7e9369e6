import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSignatures } from './read-signatures.ts'
import { signPdf } from './sign-pdf.ts'
import { readChildren, readDer } from './strict-der.ts'
import { issueCertificate, toPem } from './testing/issue-certificate.ts'
import { hasTool, mustRun } from './testing/run-tool.ts'
import { appendRevision, openSignature, samplePdf } from './testing/sample-pdf.ts'
import {
  createTestAuthority,
  issueTestCertificate,
  memorySigner,
  type TestAuthority,
} from './testing/test-authority.ts'
import { verifyPdf } from './verify-pdf.ts'

const now = new Date()
const folder = mkdtempSync(join(tmpdir(), 'veridesk-timestamp-'))
const path = (name: string): string => join(folder, name)
let authority: TestAuthority
let signed: Uint8Array

/** A timestamp authority for one request: OpenSSL's own. */
function timestamp(data: Uint8Array): Uint8Array {
  writeFileSync(path('data'), data)
  mustRun('openssl', ['ts', '-query', '-data', path('data'), '-sha256', '-cert', '-out', path('query')])
  mustRun('openssl', ['ts', '-reply', '-config', path('tsa.cnf'), '-queryfile', path('query'), '-out', path('reply')])
  const [, token] = readChildren(readDer(readFileSync(path('reply'))))
  return token?.encoded ?? new Uint8Array()
}

/** Appends a document timestamp over `data`, or over what it covers. */
async function stamp(pdf: Uint8Array, data?: Uint8Array): Promise<Uint8Array> {
  const field = '<< /Type /Annot /Subtype /Widget /FT /Sig /T (stamp) /F 132 /P 3 0 R /Rect [0 0 0 0] /V 20 0 R >>'
  const open = appendRevision(pdf, {
    5: '<< /Fields [6 0 R 7 0 R 21 0 R] /SigFlags 3 >>',
    20: openSignature('ETSI.RFC3161', 'DocTimeStamp'),
    21: field,
  })
  // Filled by a signer first, so that the byte range stands; the token then takes the place of the signature.
  const own = await issueTestCertificate(authority, { commonName: 'Anyone' }, now, { algorithm: 'ec' })
  const filled = Buffer.from((await signPdf(open, memorySigner(own, []))).pdf)
  const stretches = (await readSignatures(filled)).at(-1)?.covered ?? []
  const covered = Buffer.concat(stretches.map(({ start, end }) => filled.subarray(start, end)))
  const token = Buffer.from(timestamp(data ?? covered)).toString('hex')
  const start = (stretches[0]?.end ?? 0) + 1
  filled.write(token.padEnd((stretches[1]?.start ?? 0) - 1 - start, '0'), start, 'latin1')
  return filled
}

const verify = (pdf: Uint8Array) => verifyPdf(pdf, { trustAnchors: [authority.root.certificateDer], at: now })

describe.skipIf(!hasTool('openssl'))('a document timestamp', () => {
  beforeAll(async () => {
    authority = await createTestAuthority(now)
    const own = await issueTestCertificate(authority, { commonName: 'Inés Marín' }, now, { algorithm: 'ec' })
    signed = (await signPdf(samplePdf(), memorySigner(own, [authority.issuing.certificateDer]))).pdf
    const service = await issueCertificate({
      commonName: 'Timestamp service',
      algorithm: 'rsa',
      validFrom: new Date(now.getTime() - 1e9),
      validTo: new Date(now.getTime() + 1e10),
      usage: ['digitalSignature'],
      purposes: ['1.3.6.1.5.5.7.3.8'],
      authority: null,
      issuer: authority.issuing,
    })
    writeFileSync(path('tsa.pem'), toPem(service.certificateDer))
    writeFileSync(path('chain.pem'), toPem(authority.issuing.certificateDer))
    const key = Buffer.from(service.privateKeyDer).toString('base64')
    writeFileSync(path('tsa.key'), `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`)
    writeFileSync(path('serial'), '01\n')
    const settings = [
      '[tsa]\ndefault_tsa = t\n[t]',
      `serial = ${path('serial')}`,
      `signer_cert = ${path('tsa.pem')}`,
      `certs = ${path('chain.pem')}`,
      `signer_key = ${path('tsa.key')}`,
      'signer_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\ness_cert_id_alg = sha256\n',
    ]
    writeFileSync(path('tsa.cnf'), settings.join('\n'))
  }, 60_000)

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('leaves the file VALID and proves a time', async () => {
    const report = await verify(await stamp(signed))
    expect(report.reasons).toEqual([])
    expect(report.verdict).toBe('VALID')
    expect(report.signatures.map(({ level }) => level)).toEqual(['B-B', 'timestamp'])
    const proven = report.signatures[1]?.provenTime ?? ''
    expect(Math.abs(Date.parse(proven) - now.getTime())).toBeLessThan(600_000)
  })

  it('makes the file INVALID when it belongs to other data', async () => {
    const report = await verify(await stamp(signed, createHash('sha256').update('other').digest()))
    expect(report.verdict).toBe('INVALID')
    expect(report.reasons).toEqual(['The timestamp belongs to other data.'])
  })

  it('is no cover for an edit that came with it', async () => {
    const edited = appendRevision(signed, { 4: '<< /Length 0 >>\nstream\n\nendstream' })
    expect((await verify(await stamp(edited))).verdict).toBe('FORBIDDEN_CHANGE')
  })
})
