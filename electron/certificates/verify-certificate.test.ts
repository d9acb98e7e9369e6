import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CaseContext } from '../database/case-context.ts'
import { insertInto, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { createHostileReader } from '../platform/hostile/hostile-reader.ts'
import { outOfBounds } from '../platform/hostile/testing.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { openPkcs12 } from '../signing/open-pkcs12.ts'
import { signCertificate } from './document/sign-certificate.ts'
import { sampleCertificate } from './document/testing.ts'
import { auditLog, auditorKey, fillDisk, keyPassphrase, startOfTest, testFonts, trustTestAuthority } from './testing.ts'
import { verifyCertificate } from './verify-certificate.ts'

const childPath = join(import.meta.dirname, '../worker/hostile-child.ts')
const reader = createHostileReader({ childPath })

let signed: Uint8Array
let workspace: TestWorkspace
let context: CaseContext
beforeAll(async () => {
  const key = await openPkcs12(await auditorKey(), keyPassphrase)
  if (!key.ok) throw new Error(key.error.message)
  const made = await signCertificate(sampleCertificate(), key.value, await testFonts)
  if (!made.ok) throw new Error(made.error.message)
  signed = made.value.pdf
})
beforeEach(() => {
  workspace = openTestWorkspace()
  context = workspace.as(people.compliance)
})
afterEach(() => workspace.dispose())

const verify = (bytes: Uint8Array, read = reader) =>
  verifyCertificate(context, read, { fileName: 'certificate.pdf', bytes })
const log = () => auditLog(workspace, ['certificate.checked'])

test('a certificate from a trusted authority is valid, and that it was checked is in the audit log', async () => {
  await trustTestAuthority(workspace)
  expect(await verify(signed)).toMatchObject({
    ok: true,
    value: {
      verdict: 'VALID',
      sha256: sha256Hex(signed),
      checkedAt: startOfTest.toISOString(),
      trustAnchorCount: 1,
      certificate: { certificateNumber: 'VD-APRS-2026-1F2E3D4C5B' },
      signatures: [{ signer: { commonName: 'Arun Mehta' }, trusted: true }],
    },
  })
  expect(log()).toEqual([
    {
      action: 'certificate.checked',
      entity_id: 'VD-APRS-2026-1F2E3D4C5B',
      entity_label: 'certificate.pdf',
      before: null,
      after: { verdict: 'VALID', sha256: sha256Hex(signed) },
    },
  ])
})

test('without a trust anchor nobody vouches for the signer; one that cannot be read vouches for nobody', async () => {
  workspace.database.write((handle) =>
    insertInto(handle, 'trust_anchor', { id: 'a', name: 'Broken', certificate_pem: 'none', version: 1, scopes: 1 }),
  )
  expect(await verify(signed)).toMatchObject({ ok: true, value: { verdict: 'UNTRUSTED', trustAnchorCount: 0 } })
  expect(log()).toMatchObject([{ after: { verdict: 'UNTRUSTED' } }])
})

test('a changed byte makes it invalid, wherever it is', async () => {
  await trustTestAuthority(workspace)
  for (const place of [1_000, signed.length >> 1]) {
    const changed = signed.slice()
    changed[place] = (changed[place] ?? 0) ^ 1
    const report = await verify(changed)
    expect(report.ok && report.value.verdict).toBe('INVALID')
  }
  expect(log().map(({ after }) => after.verdict)).toEqual(['INVALID', 'INVALID'])
})

test('a file that is no PDF is invalid and goes by its hash in the audit log', async () => {
  const bytes = new TextEncoder().encode('{"certificate": "VD-APRS-2026-1F2E3D4C5B"}\n%PDF')
  expect(await verify(bytes)).toMatchObject({
    ok: true,
    value: { verdict: 'INVALID', reasons: [expect.stringContaining('not a PDF')], sha256: sha256Hex(bytes) },
  })
  expect(log()).toMatchObject([{ entity_id: sha256Hex(bytes), after: { verdict: 'INVALID' } }])
})

test('a file over the limit is refused before it is read', async () => {
  const bytes = new Uint8Array(64 * 1024 * 1024 + 1)
  expect(await verify(bytes)).toMatchObject({ ok: false, error: { code: 'file_too_large' } })
  expect(log()).toEqual([])
})

test('on a full disk the answer is that the disk is full: there is no check without an entry in the log', async () => {
  const fileName = 'x'.repeat(20_000)
  fillDisk(workspace)
  expect(await verifyCertificate(context, reader, { fileName, bytes: signed })).toMatchObject({
    ok: false,
    error: { code: 'disk_full' },
  })
})

describe('a PDF that was made to do harm', () => {
  /** A PDF whose only object stream inflates to so many bytes. */
  function bomb(inflated: number): Uint8Array {
    const packed = deflateSync(Buffer.alloc(inflated, ' '), { level: 1 })
    return Buffer.concat([
      Buffer.from(
        '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 obj\n' +
          `<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`,
      ),
      packed,
      Buffer.from('\nendstream\nendobj\ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n0\n%%EOF\n'),
    ])
  }

  test('ends in a plain message and an entry in the log, and the database thread goes on meanwhile', async () => {
    const bytes = bomb(512 * 1024 * 1024)
    expect(bytes.byteLength).toBeLessThan(4 * 1024 * 1024)
    const small = createHostileReader({
      childPath,
      limits: { milliseconds: 10_000, heapMegabytes: 64, residentBytes: 256 * 1024 * 1024 },
    })
    let turns = 0
    const counter = setInterval(() => {
      turns += 1
    }, 1)
    const answer = await verify(bytes, small)
    clearInterval(counter)
    expect(turns).toBeGreaterThan(10)
    expect(answer).toMatchObject({
      ok: false,
      error: {
        code: 'file_unreadable',
        message: expect.stringContaining('could not be checked'),
        action: expect.stringContaining('Do not rely on it'),
        detail: { reason: expect.stringMatching(outOfBounds) },
      },
    })
    expect(log()).toMatchObject([{ entity_id: sha256Hex(bytes), after: { verdict: null, sha256: sha256Hex(bytes) } }])
  })

  test('of thousands of nested arrays is invalid or unreadable, and never a crash', async () => {
    const nested = Buffer.from(
      `%PDF-1.7\n1 0 obj\n${'['.repeat(200_000)}\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n`,
    )
    const answer = await verify(nested)
    expect(answer.ok ? answer.value.verdict : answer.error.code).toMatch(/^(INVALID|file_unreadable)$/)
    expect(log()).toHaveLength(1)
  })
})
