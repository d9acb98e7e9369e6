import { parse } from 'csv-parse/sync'
import readWorkbookFile from 'read-excel-file/node'
import { hostileLimits, type ReadTable } from './messages.ts'

const { cellCharacters, columns, rows: rowLimit, sheets: sheetLimit } = hostileLimits

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  const written = value instanceof Date ? value.toISOString().replace('T00:00:00.000Z', '') : String(value)
  return written.length > cellCharacters ? `${written.slice(0, cellCharacters)}…` : written
}

function sheet(name: string, rows: readonly (readonly unknown[])[]): ReadTable['sheets'][number] {
  const widest = rows.reduce((width, row) => Math.max(width, row.length), 0)
  return {
    name: name.slice(0, 100),
    rows: rows.slice(0, rowLimit).map((row) => row.slice(0, columns).map(cellText)),
    totalRows: rows.length,
    truncated: rows.length > rowLimit || widest > columns,
  }
}

/** The separator that splits the first lines into the most columns. */
function delimiterOf(text: string): string {
  const head = text.slice(0, 4096)
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: head.split(delimiter).length }))
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter
}

/** Reads comma-, semicolon- or tab-separated text (RFC 4180, leniently). Throws on bytes that are no text. */
export function readCsv(bytes: Uint8Array): ReadTable {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  const records: string[][] = parse(text, {
    bom: true,
    delimiter: delimiterOf(text),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: 1_000_000,
  })
  return { kind: 'table', sheets: [sheet('Table', records)] }
}

/** Reads every sheet of an Office Open XML workbook (ECMA-376). Throws on a file that is none. */
export async function readWorkbook(bytes: Uint8Array): Promise<ReadTable> {
  const sheets = await readWorkbookFile(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  return { kind: 'table', sheets: sheets.slice(0, sheetLimit).map(({ sheet: name, data }) => sheet(name, data)) }
}
