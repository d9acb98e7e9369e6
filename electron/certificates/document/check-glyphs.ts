import { type AppError, fail, ok, type Result } from '../../../shared/result.ts'
import type { CertificateData } from './certificate-data.ts'
import type { CertificateFonts } from './certificate-fonts.ts'

/** Line feeds and tabs are laid out, not drawn. */
const layout = new Set(['\n', '\t'])

/**
 * Refuses data with a character that some face cannot write, before anything is set or signed: a blank box in a signed document
 * is worse than no document. The failure `glyph_missing` names the character and where it stands.
 */
export function checkGlyphs(data: CertificateData, fonts: CertificateFonts): Result<null, AppError> {
  for (const { field, text } of printedTexts(data)) {
    for (const character of text) {
      const codePoint = character.codePointAt(0) ?? 0
      if (layout.has(character)) continue
      if (Object.values(fonts).some((face) => face.advance(codePoint) === null)) {
        const code = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
        const shown = /^\p{C}$/u.test(character) ? code : `“${character}” (${code})`
        return fail(
          'glyph_missing',
          `The character ${shown} in ${field} cannot be printed on a certificate.`,
          'Write it in Latin, Greek or Cyrillic letters and sign again.',
          { field, codePoint },
        )
      }
    }
  }
  return ok(null)
}

/** Every text of the data with the words in which a person knows it. */
function printedTexts(data: CertificateData): { field: string; text: string }[] {
  const { batch, criteria, verifier } = data
  return [
    { field: 'the certificate number', text: data.number },
    { field: 'the addressee', text: data.addressee },
    { field: 'the scope', text: data.scope },
    { field: 'the basis for the opinion', text: data.basisForModification ?? '' },
    { field: 'the standard', text: `${criteria.standard}${criteria.standardTitle}` },
    { field: 'the rubric', text: `${criteria.rubricTitle}${criteria.rubricVersion}` },
    ...data.procedures.map((text, index) => ({ field: `procedure ${index + 1}`, text })),
    { field: 'the batch hash', text: batch.batchHash },
    { field: 'the content hash', text: data.contentHash },
    { field: 'the name of the project', text: batch.project },
    { field: 'the site', text: batch.site },
    { field: 'the name of the recycler', text: batch.recycler },
    ...data.findings.openForwardActions.map(({ title }, index) => ({
      field: `forward action request ${index + 1}`,
      text: title,
    })),
    ...data.evidence.map(({ title, kind, sha256 }, index) => ({
      field: `evidence file ${index + 1}`,
      text: `${title}${kind}${sha256}`,
    })),
    { field: 'the name of the verifier', text: verifier.name },
    { field: "the verifier's organisation", text: verifier.organisation },
    { field: 'the accreditation', text: verifier.accreditation },
  ]
}
