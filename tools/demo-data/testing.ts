import exifr from 'exifr'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import readXlsxFile from 'read-excel-file/node'

/** The words of the first pages of a PDF, and how many pages it has. */
export const readPdf = async (
  bytes: Uint8Array,
  pages = 1,
): Promise<{ readonly pageCount: number; readonly words: readonly string[] }> => {
  const document = await getDocument({ data: Uint8Array.from(bytes), verbosity: 0 }).promise
  const words: string[] = []
  for (let number = 1; number <= Math.min(pages, document.numPages); number += 1) {
    const content = await (await document.getPage(number)).getTextContent()
    for (const item of content.items) if ('str' in item && item.str.trim() !== '') words.push(item.str.trim())
  }
  const pageCount = document.numPages
  await document.loadingTask.destroy()
  return { pageCount, words }
}

const kilograms = (words: readonly string[], label: string): number => {
  const after = words.slice(words.indexOf(label) + 1).find((word) => word.endsWith(' kg'))
  return Number((after ?? 'NaN').replaceAll(/[^0-9]/g, ''))
}

/** What a weighbridge ticket says, read from its text. */
export const readTicket = async (
  bytes: Uint8Array,
): Promise<{ readonly number: string; readonly gross: number; readonly tare: number; readonly net: number }> => {
  const { words } = await readPdf(bytes)
  return {
    number: words.find((word) => /^[A-Z]{3}-\d{4}-\d{4}$/.test(word)) ?? '',
    gross: kilograms(words, 'Gross'),
    tare: kilograms(words, 'Tare'),
    net: kilograms(words, 'NET'),
  }
}

/** Opening stock and intake minus products, residues, losses and closing stock, in kilograms. */
export const readBalanceGap = async (bytes: Uint8Array): Promise<number> => {
  const [summary] = await readXlsxFile(Buffer.from(bytes))
  const line = (label: string): number => Number(summary?.data.find((row) => row[0] === label)?.[1] ?? Number.NaN)
  return (
    line('Opening stock') +
    line('Intake') -
    line('Product') -
    line('Residue to disposal') -
    line('Moisture and process loss') -
    line('Closing stock')
  )
}

/** What a photo claims: the instant (UTC), and the place in degrees. */
export const readClaims = async (
  bytes: Uint8Array,
): Promise<{ readonly instant: string; readonly latitude: number; readonly longitude: number }> => {
  const claims = await exifr.parse(Buffer.from(bytes), { reviveValues: false, gps: true })
  const [date = '', time = ''] = String(claims.DateTimeOriginal).split(' ')
  return {
    instant: new Date(`${date.replaceAll(':', '-')}T${time}${claims.OffsetTimeOriginal}`).toISOString(),
    latitude: claims.latitude,
    longitude: claims.longitude,
  }
}

/** Great-circle distance in kilometers. */
export const distanceKm = (
  from: { readonly latitude: number; readonly longitude: number },
  to: { readonly latitude: number; readonly longitude: number },
): number => {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180
  const half =
    Math.sin(radians(to.latitude - from.latitude) / 2) ** 2 +
    Math.cos(radians(from.latitude)) *
      Math.cos(radians(to.latitude)) *
      Math.sin(radians(to.longitude - from.longitude) / 2) ** 2
  return 2 * 6371 * Math.asin(Math.sqrt(half))
}
