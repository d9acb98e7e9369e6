import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BatchDetail, Statement } from '../../shared/contract/views.ts'
import { people } from '../database/testing.ts'
import { composeCertificateData } from './compose-certificate-data.ts'
import { buildCertificatePdf } from './document/build-certificate-pdf.ts'
import { openSigningDesk, type SigningDesk, statement, testFonts } from './testing.ts'

let desk: SigningDesk
let detail: BatchDetail
beforeAll(async () => {
  desk = await openSigningDesk()
  detail = desk.detail()
})
afterAll(() => desk.workspace.dispose())

/** Anything that a string can hold, halves of surrogate pairs and control characters included. */
const wild = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
)

/** What the fonts can write, in long words, many lines and with the characters that mean something inside a PDF. */
const printable = fc.string({
  unit: fc.constantFrom('a', 'W', 'ệ', 'Ω', 'Ж', ' ', '\n', '\t', '(', ')', '\\', '<', '&', '%', 'e\u0301'),
  maxLength: 400,
})

interface Texts {
  readonly addressee: string
  readonly procedures: string
  readonly basis: string
  readonly project: string
  readonly location: string
  readonly recycler: string
  readonly evidence: string
  readonly rubric: string
  readonly verifier: string
}

const textsOf = (text: fc.Arbitrary<string>): fc.Arbitrary<Texts> =>
  fc.record({
    addressee: text,
    procedures: text,
    basis: text,
    project: text,
    location: text,
    recycler: text,
    evidence: text,
    rubric: text,
    verifier: text,
  })
const texts = fc.oneof(textsOf(wild), textsOf(printable))

const compose = (given: Texts, opinion: Statement['opinion']) =>
  composeCertificateData(
    {
      ...detail,
      project: { ...detail.project, name: given.project, location: given.location },
      recyclerOrganization: given.recycler,
      rubric: detail.rubric === null ? null : { ...detail.rubric, title: given.rubric },
      evidence: detail.evidence.map((file) => ({ ...file, title: given.evidence })),
    },
    statement({ opinion, addressee: given.addressee, procedures: given.procedures, basis: given.basis }),
    {
      number: 'VD-APRS-2026-1F2E3D4C5B',
      person: { ...people.auditor, name: given.verifier },
      at: '2026-11-20T09:00:00.000Z',
    },
  )

/** Without white space, which a line of a certificate may set otherwise. */
const dense = (text: string): string => text.replace(/\s/g, '')

const opinion = fc.constantFrom('unmodified', 'qualified', 'adverse', 'disclaimed')

test('whatever is written anywhere, the data is composed, and loses no text', () => {
  fc.assert(
    fc.property(texts, opinion, (given, stated) => {
      const data = compose(given, stated)
      expect(data.addressee).toBe(given.addressee)
      const { project, site, recycler } = data.batch
      expect(
        [project, site, recycler, data.criteria.rubricTitle, data.verifier.name, data.procedures.join('')].map(dense),
      ).toEqual(
        [given.project, given.location, given.recycler, given.rubric, given.verifier, given.procedures].map(dense),
      )
      for (const { title } of data.evidence) expect(dense(title)).toBe(dense(given.evidence))
      expect(new URL(data.verificationLink).protocol).toBe('veridesk:')
    }),
    { numRuns: 500 },
  )
})

test('whatever is written anywhere becomes a PDF or a plain refusal; what can be printed becomes a PDF', async () => {
  const fonts = await testFonts
  await fc.assert(
    fc.asyncProperty(texts, opinion, async (given, stated) => {
      const built = await buildCertificatePdf(compose(given, stated), fonts)
      if (built.ok) expect(Buffer.from(built.value.subarray(0, 5)).toString()).toBe('%PDF-')
      else expect(['glyph_missing', 'invalid_input']).toContain(built.error.code)
    }),
    { numRuns: 60 },
  )
  await fc.assert(
    fc.asyncProperty(textsOf(printable), async (given) => {
      expect((await buildCertificatePdf(compose(given, 'unmodified'), fonts)).ok).toBe(true)
    }),
    { numRuns: 60 },
  )
})
