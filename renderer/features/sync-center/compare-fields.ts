import type { ChangeComparison, ComparedSide } from '../../../shared/contract/outbox-views.ts'
import { type FieldSpec, type FieldWords, fieldsOf } from './compared-fields.ts'

/**
 * Who changed a field since the common base. `both`: each to something else, or there is no base to tell. `agreed`: both to the same.
 * `record`: who, when and which version, which differ by nature.
 */
export type FieldMark = 'same' | 'mine' | 'theirs' | 'both' | 'agreed' | 'record'

/** One field of a comparison in words; null where a side has no value. */
export interface ComparedField {
  readonly name: string
  readonly label: string
  readonly base: string | null
  readonly mine: string | null
  readonly theirs: string | null
  readonly mark: FieldMark
}

/** The sides of a comparison. */
export type ComparedSides = Pick<ChangeComparison, 'base' | 'mine' | 'theirs'> & {
  readonly item: Pick<ChangeComparison['item'], 'kind'>
}

/** Two spellings of a value are one: instants with another offset, no text and none at all. */
function plain(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value !== 'string') return JSON.stringify(value)
  const isInstant = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(value)
  const instant = isInstant ? Date.parse(value) : Number.NaN
  return Number.isNaN(instant) ? value : new Date(instant).toISOString()
}

function markOf(field: FieldSpec, { base, mine, theirs }: ComparedSides): FieldMark {
  if (field.record === true) return 'record'
  const [was, ours, others] = [base, mine, theirs].map((side) => plain(side?.[field.name]))
  if (theirs === null) return ours === was ? 'same' : 'mine'
  if (ours === others) return ours === was || base === null ? 'same' : 'agreed'
  if (base === null) return 'both'
  if (ours === was) return 'theirs'
  return others === was ? 'mine' : 'both'
}

/** The fields of a change that any side has a value for, with who changed each. */
export function compareFields(sides: ComparedSides, words: FieldWords): readonly ComparedField[] {
  const say = ({ name, say: inWords }: FieldSpec, side: ComparedSide | null): string | null => {
    const value = plain(side?.[name])
    if (side === null || value === null) return null
    return inWords === undefined ? value : inWords(side[name], words, side)
  }
  return fieldsOf[sides.item.kind]
    .map((field) => ({
      name: field.name,
      label: field.label,
      base: say(field, sides.base),
      mine: say(field, sides.mine),
      theirs: say(field, sides.theirs),
      mark: markOf(field, sides),
    }))
    .filter(({ base, mine, theirs }) => base !== null || mine !== null || theirs !== null)
}

/** What a mark says beside a field. */
export const markWords: Readonly<Record<FieldMark, string | null>> = {
  same: null,
  mine: 'You changed it',
  theirs: 'Changed in the cloud',
  both: 'Differs',
  agreed: 'Both changed it alike',
  record: null,
}
