import type { RegisterRow } from '../../shared/contract/views.ts'
import { formatHundredths } from '../../shared/domain/decimal.ts'
import { quantityUnit } from '../../shared/domain/standard.ts'

/** Columns of the register, in order, as they are headed in every format. */
export const registerColumns = [
  'Decided (UTC)',
  'Received (UTC)',
  'Batch',
  'Project',
  'Standard',
  'Quantity',
  'Unit',
  'Action',
  'From',
  'To',
  'Score',
  'Opinion',
  'Reason',
  'Decided by',
  'Certificate',
  'Content hash',
  'Decision id',
] as const

/** One decision as text, column by column. Latin digits, decimal point, UTC. */
export const registerLine = (row: RegisterRow): readonly string[] => [
  row.decidedAt,
  row.receivedAt ?? '',
  row.batchHash,
  row.projectName,
  row.standard ?? '',
  row.quantity === null ? '' : formatHundredths(row.quantity),
  row.standard === null ? '' : quantityUnit[row.standard],
  row.action,
  row.fromStatus,
  row.toStatus,
  row.score === null ? '' : formatHundredths(row.score),
  row.opinion ?? '',
  row.reason,
  row.actorName,
  row.certificateNumber ?? '',
  row.contentHash,
  row.decisionId,
]

/**
 * One field of a CSV line (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP's
 * page on CSV injection advises; a plain number is left alone.
 */
export function csvField(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** Header and lines with CR LF ends (RFC 4180, 2): the part of a report that its data hash is over. */
export const csvTable = (rows: readonly RegisterRow[]): string =>
  [registerColumns, ...rows.map(registerLine)].map((line) => `${line.map(csvField).join(',')}\r\n`).join('')
