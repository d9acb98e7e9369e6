import { PDFDict, PDFDocument, PDFName } from 'pdf-lib'
import { beforeAll, describe, expect, it } from 'vitest'
import { signatureFields } from '../../signing/read-signatures.ts'
import { hasTool, mustRun, runTool } from '../../signing/testing/run-tool.ts'
import { buildCertificatePdf } from './build-certificate-pdf.ts'
import type { CertificateData } from './certificate-data.ts'
import { type CertificateFonts, loadCertificateFonts } from './certificate-fonts.ts'
import { fontFolder, sampleCertificate, sampleEvidence, withFile } from './testing.ts'

let fonts: CertificateFonts
beforeAll(async () => {
  fonts = await loadCertificateFonts(fontFolder)
})

async function build(changes: Partial<CertificateData> = {}): Promise<Uint8Array> {
  const built = await buildCertificatePdf(sampleCertificate(changes), fonts)
  if (!built.ok) throw new Error(built.error.message)
  return built.value
}

/** The text as a reader finds it when searching, on one line. */
const textOf = (pdf: Uint8Array): string =>
  withFile(pdf, (path) => mustRun('pdftotext', ['-layout', path, '-']).toString('utf8').replace(/\s+/g, ' '))

describe('a certificate document', () => {
  it('has the same bytes for the same data', async () => {
    expect(Buffer.compare(await build(), await build())).toBe(0)
    expect(Buffer.compare(await build(), await build({ score: 436 }))).not.toBe(0)
  })

  it('has an open field for the auditor and an empty one for the reviewer', async () => {
    const document = await PDFDocument.load(await build(), { updateMetadata: false })
    const fields = signatureFields(document)
    expect(fields.map(({ name, value }) => [name, value !== null])).toEqual([
      ['auditor', true],
      ['reviewer', false],
    ])
    expect(fields[0]?.value?.lookup(PDFName.of('SubFilter'))).toBe(PDFName.of('ETSI.CAdES.detached'))
  })

  it('says its title, language, number and hashes in its metadata', async () => {
    const pdf = await build()
    const data = sampleCertificate()
    const document = await PDFDocument.load(pdf, { updateMetadata: false })
    expect(document.getTitle()).toContain(data.number)
    expect(String(document.catalog.lookup(PDFName.of('Lang')))).toBe('(en)')
    const information = document.context.lookup(document.context.trailerInfo.Info, PDFDict)
    expect(String(information.get(PDFName.of('VerideskContentHash')))).toBe(`(${data.contentHash})`)
    const text = Buffer.from(pdf).toString('utf8')
    expect(text).toContain(`<vd:certificateNumber>${data.number}</vd:certificateNumber>`)
    expect(text).toContain(`<vd:contentHash>${data.contentHash}</vd:contentHash>`)
  })

  it('fits an ordinary certificate on two pages', async () => {
    expect((await PDFDocument.load(await build())).getPageCount()).toBe(2)
  })

  it.each([
    ['an emoji', { scope: 'Plastic 🐢' }, '🐢', 'the scope'],
    ['another script', { addressee: '验证' }, '验', 'the addressee'],
    ['a control character', { procedures: ['one', 'two\u0007'] }, 'U+0007', 'procedure 2'],
    [
      'a title of evidence',
      { evidence: sampleEvidence(2).map((file) => ({ ...file, title: 'שלום' })) },
      'ש',
      'evidence file 1',
    ],
  ])(
    'is refused for %s that its fonts lack, with the character and the field',
    async (_, changes, character, field) => {
      const built = await buildCertificatePdf(sampleCertificate(changes), fonts)
      if (built.ok) throw new Error('A character without a glyph was accepted')
      expect(built.error.code).toBe('glyph_missing')
      expect(built.error.message).toContain(character)
      expect(built.error.message).toContain(field)
    },
  )

  it.each(['qualified', 'adverse', 'disclaimed'] as const)(
    'is refused for a %s opinion without its basis',
    async (opinion) => {
      const built = await buildCertificatePdf(sampleCertificate({ opinion, basisForModification: ' ' }), fonts)
      expect(built).toMatchObject({ ok: false, error: { code: 'invalid_input' } })
    },
  )
})

describe.skipIf(!hasTool('pdftotext'))('the text of a certificate', () => {
  it('holds all that the data says', async () => {
    const data = sampleCertificate()
    const text = textOf(await build())
    for (const part of [
      data.number,
      data.addressee,
      data.batch.batchHash,
      data.contentHash,
      data.batch.recycler,
      'Veridesk default rubric v1',
      '1,245.50',
      '1,868.25',
      '4.37 of 5.00',
      '5 %',
      '1 October 2026 to 31 October 2026',
      '20 November 2026, 21:33:00 UTC',
      'Time claimed by the signing computer',
      'Reserved for the countersignature',
      'due 31 March 2027',
      'not a retirement',
      'Page 1 of 2',
      'Page 2 of 2',
      ...data.evidence.map((file) => file.sha256),
      ...data.evidence.map((file) => file.title),
    ]) {
      expect(text).toContain(part)
    }
    expect(text.match(/Not viewed/g)).toHaveLength(data.evidence.filter((file) => !file.viewed).length)
  })

  it('bears number and hash prefix on every page, however many there are', async () => {
    const data = sampleCertificate({ evidence: sampleEvidence(150) })
    const pdf = await build(data)
    const pages = (await PDFDocument.load(pdf)).getPageCount()
    expect(pages).toBeGreaterThan(4)
    const text = textOf(pdf)
    expect(text.split(`Content hash ${data.contentHash.slice(0, 16)}…`)).toHaveLength(pages + 1)
    for (let number = 1; number <= pages; number += 1) expect(text).toContain(`Page ${number} of ${pages}`)
    for (const file of data.evidence) expect(text).toContain(file.sha256)
  })

  it('keeps every word of texts longer than a page', async () => {
    const words = Array.from({ length: 2500 }, (_, index) => `word${index}`)
    const text = textOf(
      await build({ scope: words.join(' '), basisForModification: words.join(' '), opinion: 'adverse' }),
    )
    for (const word of words) expect(text).toContain(`${word} `)
  })

  it('writes Greek, Cyrillic and accents, composed or not', async () => {
    const text = textOf(await build({ addressee: 'Ελένη, Олена, Ngũgĩ, Łódź, cafe\u0301, Đặng' }))
    expect(text).toContain('Ελένη, Олена, Ngũgĩ, Łódź, café, Đặng')
  })
})

describe.skipIf(!hasTool('qpdf'))('the file of a certificate', () => {
  it('has no fault that qpdf finds', async () => {
    const { status, output } = withFile(await build(), (path) => runTool('qpdf', ['--check', path]))
    expect(output).toContain('No syntax or stream encoding errors')
    expect(status).toBe(0)
  })
})
