import { createHash } from 'node:crypto'
import { type PDFContext, PDFHexString, type PDFRef, PDFString } from 'pdf-lib'
import { identityKey } from '../../signing/certificate-identity.ts'
import type { CertificateData } from './certificate-data.ts'
import { criteriaName, opinionTitle } from './wording.ts'

/** An instant as a PDF date (ISO 32000-2, 7.9.4). */
export function pdfDate(instant: string): string {
  const [, ...parts] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(instant) ?? []
  if (parts.length !== 6) throw new Error('Not a UTC instant')
  return `D:${parts.join('')}Z`
}

/** Text for people in a dictionary: UTF-16 where it is more than ASCII. */
export function pdfText(text: string): PDFString | PDFHexString {
  return /^[\x20-\x27\x2a-\x5b\x5d-\x7e]*$/.test(text) ? PDFString.of(text) : PDFHexString.fromText(text)
}

const title = (data: CertificateData): string => `Verification statement ${data.number}`

/** The information dictionary, with the keys by which a verifier finds the certificate's number and content hash. */
export function createInformation(context: PDFContext, data: CertificateData): PDFRef {
  return context.register(
    context.obj({
      Title: pdfText(title(data)),
      Author: pdfText(`${data.verifier.name}, ${data.verifier.organisation}`),
      Subject: pdfText(`${opinionTitle[data.opinion]} on batch ${data.batch.batchHash}`),
      Creator: PDFString.of('Veridesk'),
      Producer: PDFString.of('Veridesk'),
      CreationDate: PDFString.of(pdfDate(data.signedAt)),
      ModDate: PDFString.of(pdfDate(data.signedAt)),
      [identityKey.certificateNumber]: pdfText(data.number),
      [identityKey.contentHash]: pdfText(data.contentHash),
      [identityKey.batchHash]: pdfText(data.batch.batchHash),
    }),
  )
}

/** The XMP packet (ISO 16684-1), uncompressed so that tools which know no PDF find it too. */
export function createXmp(context: PDFContext, data: CertificateData): PDFRef {
  const time = data.signedAt.replace(/\.\d+Z$/, 'Z')
  const alternative = (name: string, text: string): string =>
    `<${name}><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(text)}</rdf:li></rdf:Alt></${name}>`
  const packet = [
    '<?xpacket begin="\u{feff}" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
    ' xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:vd="urn:veridesk:certificate:1#">',
    '<dc:format>application/pdf</dc:format>',
    alternative('dc:title', title(data)),
    alternative('dc:description', `${opinionTitle[data.opinion]}. ${criteriaName(data)}.`),
    `<dc:creator><rdf:Seq><rdf:li>${escapeXml(data.verifier.name)}</rdf:li></rdf:Seq></dc:creator>`,
    '<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>',
    `<xmp:CreateDate>${time}</xmp:CreateDate><xmp:ModifyDate>${time}</xmp:ModifyDate>`,
    '<xmp:CreatorTool>Veridesk</xmp:CreatorTool><pdf:Producer>Veridesk</pdf:Producer>',
    `<vd:certificateNumber>${escapeXml(data.number)}</vd:certificateNumber>`,
    `<vd:contentHash>${escapeXml(data.contentHash)}</vd:contentHash>`,
    `<vd:batchHash>${escapeXml(data.batch.batchHash)}</vd:batchHash>`,
    '</rdf:Description></rdf:RDF></x:xmpmeta>',
    '<?xpacket end="r"?>',
  ].join('\n')
  return context.register(context.stream(Buffer.from(packet, 'utf8'), { Type: 'Metadata', Subtype: 'XML' }))
}

/** The file identifier (ISO 32000-2, 14.4), drawn from what the certificate is instead of from chance. */
export function createFileIdentifier(data: CertificateData): PDFHexString {
  const digest = createHash('sha256').update(`${data.number}\n${data.contentHash}\n${data.signedAt}`).digest('hex')
  return PDFHexString.of(digest.slice(0, 32))
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
