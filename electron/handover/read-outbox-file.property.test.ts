import { generateKeyPairSync, sign } from 'node:crypto'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outboxFileLimits } from '../../shared/domain/outbox-file.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { readOutboxFile } from './read-outbox-file.ts'
import { altered, type LooseFile, testReader } from './testing.ts'

const key = generateKeyPairSync('ed25519')
const uuid = '00000000-0000-4000-8000-000000000001'
const change = {
  mutation_id: uuid,
  kind: 'decision.record',
  schema_version: 1,
  row_id: uuid,
  batch_id: uuid,
  base_version: 1,
  after_mutation_id: null,
  content_hash: null,
  device_id: uuid,
  occurred_at: '2026-11-29T00:00:00.000Z',
  clock_offset_ms: null,
  payload: { action: 'approve' },
}
const content = {
  format: 'veridesk-outbox',
  version: 1,
  person: { id: uuid, name: 'Amina', email: 'amina@example.org' },
  organization: { id: null, name: null },
  device: { id: uuid, name: 'Laptop' },
  cloud: { name: 'Registry', url: 'https://registry.example.org', server_epoch: uuid },
  program_version: '0.1.0',
  schema_version: 1,
  made_at: '2026-11-29T00:00:00.000Z',
  clock_offset_ms: 5,
  count: 1,
  changes: [change],
}
/** A file with this text, signed whatever it says. */
const signed = (text: string, attachments: LooseFile['attachments'] = []): Uint8Array =>
  new TextEncoder().encode(
    canonicalize({
      format: 'veridesk-outbox',
      version: 1,
      content: text,
      public_key: key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      signature: sign(null, Buffer.from(text), key.privateKey).toString('base64'),
      attachments,
    }),
  )
const text = (part: object = {}) => canonicalize({ ...content, ...part }) ?? ''
const whole = signed(text())

test('a whole file says who, when and what', () => {
  expect(readOutboxFile(whole)).toMatchObject({
    sound: true,
    fingerprint: sha256Hex(text()),
    personName: 'Amina',
    changes: [{ kind: 'decision.record', action: 'approve' }],
  })
})

test('no byte can be changed, added or taken away without being noticed', () => {
  const untouched = JSON.stringify(readOutboxFile(whole))
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(2), (at, mask, how) => {
      const bytes = new Uint8Array(whole)
      bytes[at] = (bytes[at] ?? 0) ^ mask
      const forged =
        how === 0
          ? bytes
          : how === 1
            ? whole.slice(0, at)
            : new Uint8Array([...whole.slice(0, at), mask, ...whole.slice(at)])
      let read: ReturnType<typeof readOutboxFile>
      try {
        read = readOutboxFile(forged)
      } catch {
        return
      }
      // What still reads is unsound, or reads exactly as before: base64 has bits that say nothing.
      expect(!read.sound || JSON.stringify(read) === untouched).toBe(true)
    }),
    { numRuns: 400 },
  )
})

test('signed nonsense is still no outbox file', () => {
  const twice = text().replace('{"changes"', '{"count":1,"changes"')
  for (const nonsense of [
    twice,
    ` ${text()}`,
    'null',
    text({ count: 2 }),
    text({ count: 2, changes: [change, change] }),
    text({ version: 2 }),
    text({ extra: 1 }),
    text({ changes: [], count: 0 }),
    text({ changes: [{ ...change, kind: 'user.delete' }] }),
  ])
    expect(() => readOutboxFile(signed(nonsense)), nonsense.slice(0, 60)).toThrow()
})

test('an attachment that is not what its name says makes the file unsound', () => {
  const sha256 = sha256Hex('pdf')
  expect(readOutboxFile(signed(text(), [{ sha256, bytes: Buffer.from('pdf').toString('base64') }])).sound).toBe(true)
  expect(readOutboxFile(signed(text(), [{ sha256, bytes: Buffer.from('PDF').toString('base64') }])).sound).toBe(false)
})

test('in the child process: a large file is read, a larger one and one nested without end are refused', async () => {
  const room = 20 * 1024 * 1024
  const bytes = Buffer.alloc(room, 7)
  const large = signed(text(), [{ sha256: sha256Hex(bytes), bytes: bytes.toString('base64') }])
  expect(await testReader({ kind: 'outbox' }, large)).toMatchObject({
    ok: true,
    value: { sound: true, attachments: 1 },
  })
  for (const hostile of [
    new Uint8Array(outboxFileLimits.bytes + 1),
    new TextEncoder().encode('['.repeat(1_000_000)),
    new TextEncoder().encode('{"a":'.repeat(500_000)),
    altered(whole, (file) => {
      file.public_key = 'A'.repeat(60)
    }),
  ])
    expect(await testReader({ kind: 'outbox' }, hostile)).toMatchObject({
      ok: false,
      error: { code: 'file_unreadable' },
    })
}, 60_000)
