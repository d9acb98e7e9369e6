import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSignatures } from './read-signatures.ts'
import { signPdf } from './sign-pdf.ts'
import { readDer } from './strict-der.ts'
import { toPem } from './testing/issue-certificate.ts'
import { hasTool, runTool, type ToolAnswer } from './testing/run-tool.ts'
import { samplePdf } from './testing/sample-pdf.ts'
import {
  createTestAuthority,
  issueTestCertificate,
  memorySigner,
  type TestAuthority,
} from './testing/test-authority.ts'
import { verifyPdf } from './verify-pdf.ts'

const now = new Date()
const folder = mkdtempSync(join(tmpdir(), 'veridesk-validators-'))
const root = join(folder, 'root.pem')
const files = new Map<string, Uint8Array>()
let authority: TestAuthority

beforeAll(async () => {
  authority = await createTestAuthority(now)
  writeFileSync(root, toPem(authority.root.certificateDer))
  for (const algorithm of ['rsa', 'ec'] as const) {
    const own = await issueTestCertificate(authority, { commonName: 'Inés Marín' }, now, { algorithm })
    const { pdf } = await signPdf(samplePdf(), memorySigner(own, [authority.issuing.certificateDer]))
    const changed = Buffer.from(Buffer.from(pdf).toString('latin1').replace('for 12', 'for 92'), 'latin1')
    files.set(algorithm, pdf).set(`${algorithm}, changed`, changed)
  }
}, 60_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const file = (name: string): Uint8Array => files.get(name) ?? new Uint8Array()

async function ours(name: string): Promise<string> {
  return (await verifyPdf(file(name), { trustAnchors: [authority.root.certificateDer], at: now })).verdict
}

/** Hands the signature and the bytes it covers to OpenSSL, with the root as the only anchor. */
async function openssl(name: string): Promise<ToolAnswer> {
  const [signature] = await readSignatures(file(name))
  const [first, second] = signature?.covered ?? []
  if (!signature?.contents || !first || !second) throw new Error('The sample has no signature')
  const cms = join(folder, 'signature.der')
  const content = join(folder, 'content.bin')
  writeFileSync(cms, readDer(signature.contents).encoded)
  const covered = [first, second].map(({ start, end }) => file(name).subarray(start, end))
  writeFileSync(content, Buffer.concat(covered))
  const input = ['-binary', '-inform', 'DER', '-in', cms, '-content', content, '-out', join(folder, 'out')]
  return runTool('openssl', ['cms', '-verify', '-cades', ...input, '-CAfile', root, '-purpose', 'any'])
}

describe.skipIf(!hasTool('openssl'))('OpenSSL and this program', () => {
  it.each(['rsa', 'ec'])('both accept what was signed with a key of kind %s', async (name) => {
    expect(await openssl(name)).toMatchObject({ status: 0, output: expect.stringContaining('Verification successful') })
    expect(await ours(name)).toBe('VALID')
  })

  it.each(['rsa, changed', 'ec, changed'])('both refuse a changed byte: %s', async (name) => {
    const answer = await openssl(name)
    expect(answer.status).not.toBe(0)
    expect(answer.output).toMatch(/verification failure/i)
    expect(await ours(name)).toBe('INVALID')
  })
})

describe.skipIf(!hasTool('pdfsig'))('pdfsig and this program', () => {
  const pdfsig = (name: string): string => {
    const path = join(folder, 'signed.pdf')
    writeFileSync(path, file(name))
    return runTool('pdfsig', ['-nocert', path]).output
  }

  it.each(['rsa', 'ec'])('both accept what was signed with a key of kind %s', async (name) => {
    const output = pdfsig(name)
    expect(output).toContain('Signature Type: ETSI.CAdES.detached')
    expect(output).toContain('Total document signed')
    expect(output).toContain('Signature is Valid.')
    expect(await ours(name)).toBe('VALID')
  })

  it.each(['rsa, changed', 'ec, changed'])('both refuse a changed byte: %s', async (name) => {
    expect(pdfsig(name)).toContain('Digest Mismatch')
    expect(await ours(name)).toBe('INVALID')
  })
})
