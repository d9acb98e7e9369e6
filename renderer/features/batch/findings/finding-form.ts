import type { RequestOf } from '../../../../shared/contract/channels.ts'
import { formatHundredths, parseHundredths } from '../../../../shared/domain/decimal.ts'
import { type FindingKind, findingKinds } from '../../../../shared/domain/finding.ts'
import type { Hundredths } from '../../../../shared/domain/ids.ts'

/** The form that raises a finding, as it is typed. */
export interface FindingForm {
  readonly kind: FindingKind
  readonly title: string
  readonly description: string
  /** Empty: none. */
  readonly criterionCode: string
  /** Empty: none. */
  readonly evidenceFileId: string
  /** A calendar day, `2026-12-04`, or empty. */
  readonly dueDate: string
  /** A decimal in the batch's unit, without a sign, or empty. */
  readonly amount: string
  readonly direction: 'over' | 'under'
}

/** What is wrong with a form, by field. */
export type FindingFormErrors = Readonly<Partial<Record<keyof FindingForm, string>>>

/** What a form comes to. */
export type ParsedFindingForm =
  | { readonly ok: true; readonly request: RequestOf<'finding.raise'> }
  | { readonly ok: false; readonly errors: FindingFormErrors }

/** An empty form about what is in sight. */
export const startOfFinding = (criterionCode: string | null, evidenceFileId: string | null): FindingForm => ({
  kind: 'car',
  title: '',
  description: '',
  criterionCode: criterionCode ?? '',
  evidenceFileId: evidenceFileId ?? '',
  dueDate: '',
  amount: '',
  direction: 'over',
})

/** True while nothing has been typed that would be missed. */
export const isUntouched = (form: FindingForm): boolean =>
  form.title === '' && form.description === '' && form.amount === '' && form.dueDate === ''

/** Reads a typed figure without a sign. A comma is taken for the decimal point where it can be nothing else. */
export function parseAmount(text: string): Hundredths | null {
  const plain = text.trim().replaceAll(' ', '')
  const decimal = /^\d+,\d{1,2}$/.test(plain) ? plain.replace(',', '.') : plain
  if (decimal.startsWith('-')) return null
  return parseHundredths(decimal)
}

/** The last moment of a calendar day, in UTC. */
export const endOfDay = (day: string): string => `${day}T23:59:59.000Z`

/** Checks a form and turns it into the request. */
export function parseFindingForm(form: FindingForm, batchId: string): ParsedFindingForm {
  const errors: Partial<Record<keyof FindingForm, string>> = {}
  const title = form.title.trim()
  const description = form.description.trim()
  if (title === '') errors.title = 'Name the finding in a few words.'
  if (description === '') errors.description = 'Say what is wrong, and where it shows.'
  const amount = form.amount.trim() === '' ? null : parseAmount(form.amount)
  if (form.amount.trim() !== '' && amount === null)
    errors.amount = 'Write a figure with at most two decimals, such as 12.50, without a sign.'
  const dueDate = form.dueDate.trim()
  if (dueDate !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(dueDate)) errors.dueDate = 'Choose a day.'
  if (Object.keys(errors).length > 0) return { ok: false, errors }
  return {
    ok: true,
    request: {
      batchId,
      kind: form.kind,
      title,
      description,
      criterionCode: form.criterionCode === '' ? null : form.criterionCode,
      evidenceFileId: form.evidenceFileId === '' ? null : form.evidenceFileId,
      dueAt: dueDate === '' ? null : endOfDay(dueDate),
      misstatement: amount === null || amount === 0 ? null : form.direction === 'over' ? amount : -amount,
    },
  }
}

/** Reads a kept form; null where there is none, or one that cannot be read. */
export function readFindingForm(body: string | null): FindingForm | null {
  if (body === null) return null
  try {
    const saved: unknown = JSON.parse(body)
    if (typeof saved !== 'object' || saved === null) return null
    const fields = saved as Readonly<Record<string, unknown>>
    const text = (name: string): string => {
      const value = fields[name]
      return typeof value === 'string' ? value : ''
    }
    return {
      kind: findingKinds.find((kind) => kind === fields.kind) ?? 'car',
      title: text('title'),
      description: text('description'),
      criterionCode: text('criterionCode'),
      evidenceFileId: text('evidenceFileId'),
      dueDate: text('dueDate'),
      amount: text('amount'),
      direction: fields.direction === 'under' ? 'under' : 'over',
    }
  } catch {
    return null
  }
}

/** A misstatement in words: `12.50 t over` or `3.00 t under`. */
export const misstatementWords = (misstatement: Hundredths, unit: string): string =>
  `${formatHundredths(Math.abs(misstatement))} ${unit} ${misstatement < 0 ? 'under' : 'over'}`

/** A text for a narrow field: cut at a word, with an ellipsis. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text
  const cut = text.slice(0, length)
  const space = cut.lastIndexOf(' ')
  return `${cut.slice(0, space > length / 2 ? space : length)}…`
}
