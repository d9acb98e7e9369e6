import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ContentHashInput, contentHash, contentHashText } from './content-hash.ts'

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')

const text = fc.string({ unit: 'grapheme' })
const input: fc.Arbitrary<ContentHashInput> = fc.record({
  batch: fc.record({
    id: fc.uuid(),
    batch_hash: text,
    user_id: fc.uuid(),
    project_id: fc.uuid(),
    standard: fc.constantFrom('APRS', 'PCX'),
    tons_or_kwh: fc.constantFrom('0.00', '25.50'),
    location: text,
    date_submitted: fc.constant('2026-11-20'),
    description: fc.option(text),
  }),
  calculation: fc.record({ plastic_credits: fc.constant('1.00'), carbon_credits: fc.constant('0.00') }),
  evidence: fc.uniqueArray(
    fc.record({ id: fc.uuid(), kind: fc.constant('photo'), sha256: fc.constant('ab'.repeat(32)) }),
    {
      selector: ({ id }) => id,
    },
  ),
  rubric: fc.option(fc.record({ id: fc.uuid(), revision: fc.integer({ min: 1, max: 9 }) })),
})

test('the hashed text is canonical JSON (RFC 8785)', () => {
  fc.assert(
    fc.property(input, (value) => {
      const written = contentHashText(value)
      expect(written).toBe(canonicalize(JSON.parse(written)))
    }),
  )
})

test('the order in which evidence arrives does not matter', () => {
  fc.assert(
    fc.property(input, (value) => {
      expect(contentHash({ ...value, evidence: value.evidence.toReversed() }, sha256)).toBe(contentHash(value, sha256))
    }),
  )
})

test('any change of content changes the hash', () => {
  fc.assert(
    fc.property(input, (value) => {
      const other = { ...value, batch: { ...value.batch, location: `${value.batch.location}.` } }
      expect(contentHash(other, sha256)).not.toBe(contentHash(value, sha256))
    }),
  )
})
