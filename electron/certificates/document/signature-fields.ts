import { type PDFContext, PDFHexString, PDFName, type PDFRef, PDFString } from 'pdf-lib'
import { byteRangePlaceholder, contentsLength } from '../../signing/sign-pdf.ts'
import { createCanvas } from './canvas.ts'
import type { CertificateData } from './certificate-data.ts'
import { formatInstant } from './format.ts'
import type { PageFlow } from './page-flow.ts'
import { pdfDate, pdfText } from './pdf-metadata.ts'
import type { FieldPlace } from './sections/signature-section.ts'
import { color, page, style } from './style.ts'
import { shorten, type TextStyle } from './text-layout.ts'

/** The names of the two signature fields. A countersignature signs the second; adding any other would be a forbidden change. */
export const signatureFieldName = { auditor: 'auditor', reviewer: 'reviewer' } as const

/** Bit 3, print, and bit 8, locked in place (ISO 32000-2, 12.5.3). */
const widgetFlags = 132

/**
 * The auditor's signature dictionary, open to be signed: PAdES (ETSI EN 319 142-1), certifying with permission 2, which lets a
 * reader fill in the reviewer's signature and nothing else (ISO 32000-2, 12.8.2.2).
 */
export function createOpenSignature(context: PDFContext, data: CertificateData): PDFRef {
  return context.register(
    context.obj({
      Type: 'Sig',
      Filter: 'Adobe.PPKLite',
      SubFilter: 'ETSI.CAdES.detached',
      ByteRange: [0, ...[1, 2, 3].map(() => PDFName.of(byteRangePlaceholder))],
      Contents: PDFHexString.of('0'.repeat(contentsLength * 2)),
      Name: pdfText(data.verifier.name),
      Reason: pdfText(`Verification statement ${data.number}`),
      M: PDFString.of(pdfDate(data.signedAt)),
      Reference: [
        {
          Type: 'SigRef',
          TransformMethod: 'DocMDP',
          TransformParams: { Type: 'TransformParams', P: 2, V: PDFName.of('1.2') },
        },
      ],
    }),
  )
}

/** A signature field and its widget in one dictionary. Without a value it waits to be signed. */
export function createSignatureField(
  context: PDFContext,
  name: string,
  place: FieldPlace,
  pageRef: PDFRef,
  signed: { readonly value: PDFRef; readonly appearance: PDFRef } | null,
): PDFRef {
  const bottom = page.height - place.y - place.height
  return context.register(
    context.obj({
      Type: 'Annot',
      Subtype: 'Widget',
      FT: 'Sig',
      T: PDFString.of(name),
      TU: PDFString.of(name === signatureFieldName.auditor ? 'Signature of the auditor' : 'Signature of the reviewer'),
      F: widgetFlags,
      P: pageRef,
      Rect: [place.x, bottom, place.x + place.width, bottom + place.height].map((value) => Number(value.toFixed(3))),
      ...(signed === null ? {} : { V: signed.value, AP: { N: signed.appearance } }),
    }),
  )
}

/** What stands in the auditor's field: who signed and when, as far as the signing computer knows. */
export function drawAppearance(flow: PageFlow, data: CertificateData, place: FieldPlace): string {
  const canvas = createCanvas(flow.fonts, flow.subsets, place.height)
  const inset = 12
  const width = place.width - inset - 6
  const line = (y: number, text: string, textStyle: TextStyle): void =>
    canvas.text(inset, y, shorten(text, width, textStyle, flow.fonts), textStyle)
  canvas.fill(0, 0, place.width, place.height, color.white)
  canvas.outline(0.4, 0.4, place.width - 0.8, place.height - 0.8, color.brand, 0.8)
  canvas.fill(0, 0, 3.5, place.height, color.brand)
  line(14, 'Digitally signed by', style.small)
  line(27, data.verifier.name, { ...style.strong, size: 10.5 })
  line(39, data.verifier.organisation, style.small)
  line(50, formatInstant(data.signedAt), style.small)
  line(58.5, 'Time claimed by the signing computer', { ...style.small, size: 6.4 })
  return canvas.content()
}
