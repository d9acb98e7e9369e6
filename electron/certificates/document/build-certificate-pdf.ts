import { type PDFArray, PDFContext, PDFHeader, type PDFRef, PDFString, PDFWriter } from 'pdf-lib'
import { type AppError, fail, ok, type Result } from '../../../shared/result.ts'
import type { CertificateData } from './certificate-data.ts'
import { type CertificateFonts, type FaceName, faceFiles } from './certificate-fonts.ts'
import { checkGlyphs } from './check-glyphs.ts'
import { normalizeText } from './normalize-text.ts'
import { createPageFlow, type PageFlow } from './page-flow.ts'
import { createFileIdentifier, createInformation, createXmp } from './pdf-metadata.ts'
import { drawConclusion } from './sections/conclusion-section.ts'
import { drawEvidence } from './sections/evidence-section.ts'
import { drawFacts, drawFigures } from './sections/facts-section.ts'
import { drawFindings } from './sections/findings-section.ts'
import { drawNarrative } from './sections/narrative-section.ts'
import { drawRunningLines } from './sections/running-lines.ts'
import { drawSignatures, type SignaturePlaces } from './sections/signature-section.ts'
import { drawTitle } from './sections/title-section.ts'
import { createOpenSignature, createSignatureField, drawAppearance, signatureFieldName } from './signature-fields.ts'
import { page } from './style.ts'

/**
 * Sets a verification certificate as a PDF with an open signature placeholder for the auditor and an empty field for the
 * reviewer; `signPdf` fills the placeholder. Equal data gives equal bytes.
 * Fails with `glyph_missing` when a character cannot be printed, and with `invalid_input` when an opinion lacks its basis.
 */
export async function buildCertificatePdf(
  input: CertificateData,
  fonts: CertificateFonts,
): Promise<Result<Uint8Array, AppError>> {
  const data = normalizeText(input)
  if (data.opinion !== 'unmodified' && (data.basisForModification ?? '').trim() === '') {
    return fail(
      'invalid_input',
      'An opinion that is not unmodified needs its reasons.',
      'Write the basis for the opinion and sign again.',
    )
  }
  const printable = checkGlyphs(data, fonts)
  if (!printable.ok) return printable

  const flow = createPageFlow(fonts)
  drawTitle(flow, data)
  drawConclusion(flow, data)
  drawFigures(flow, data)
  drawFacts(flow, data)
  drawNarrative(flow, data)
  drawFindings(flow, data)
  const places = drawSignatures(flow, data)
  drawEvidence(flow, data)
  drawRunningLines(flow, data)

  const context = PDFContext.create()
  context.header = PDFHeader.forVersion(1, 7)
  writeDocument(context, flow, data, places)
  return ok(await PDFWriter.forContext(context, Number.POSITIVE_INFINITY).serializeToBuffer())
}

function writeDocument(context: PDFContext, flow: PageFlow, data: CertificateData, places: SignaturePlaces): void {
  const appearanceContent = drawAppearance(flow, data, places.auditor)
  // The fonts come last: until then any text may still add a glyph. Their references are needed before.
  const resources = context.nextRef()
  const tree = context.nextRef()
  const pageRefs = flow.pages.map(() => context.nextRef())
  const pageOf = (index: number): PDFRef => pageRefs[index] ?? tree

  const signature = createOpenSignature(context, data)
  const appearance = context.register(
    context.flateStream(appearanceContent, {
      Type: 'XObject',
      Subtype: 'Form',
      BBox: [0, 0, Number(places.auditor.width.toFixed(3)), places.auditor.height],
      Resources: resources,
    }),
  )
  const auditor = createSignatureField(
    context,
    signatureFieldName.auditor,
    places.auditor,
    pageOf(places.auditor.pageIndex),
    {
      value: signature,
      appearance,
    },
  )
  const reviewer = createSignatureField(
    context,
    signatureFieldName.reviewer,
    places.reviewer,
    pageOf(places.reviewer.pageIndex),
    null,
  )
  flow.pages.forEach((canvas, index) => {
    const annotations = index === places.auditor.pageIndex ? { Annots: [auditor, reviewer], Tabs: 'S' } : {}
    context.assign(
      pageOf(index),
      context.obj({
        Type: 'Page',
        Parent: tree,
        MediaBox: [0, 0, page.width, page.height],
        Resources: resources,
        Contents: context.register(context.flateStream(canvas.content())),
        ...annotations,
      }),
    )
  })
  context.assign(tree, context.obj({ Type: 'Pages', Kids: pageRefs, Count: pageRefs.length }))
  context.assign(resources, context.obj({ Font: embedFonts(context, flow) }))
  context.trailerInfo.Root = context.register(
    context.obj({
      Type: 'Catalog',
      Pages: tree,
      Lang: PDFString.of('en'),
      Metadata: createXmp(context, data),
      ViewerPreferences: { DisplayDocTitle: true },
      AcroForm: { Fields: [auditor, reviewer], SigFlags: 3 },
      Perms: { DocMDP: signature },
    }),
  )
  context.trailerInfo.Info = createInformation(context, data)
  const identifier = createFileIdentifier(data)
  const identifiers: PDFArray = context.obj([identifier, identifier])
  context.trailerInfo.ID = identifiers
}

function embedFonts(context: PDFContext, flow: PageFlow): Record<FaceName, PDFRef> {
  const embed = (name: FaceName): PDFRef => flow.subsets[name].embed(context, faceFiles[name].replace('.ttf', ''))
  return {
    regular: embed('regular'),
    bold: embed('bold'),
    serif: embed('serif'),
    serifBold: embed('serifBold'),
    mono: embed('mono'),
  }
}
