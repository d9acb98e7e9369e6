import type { AuditEntry } from '../../../shared/contract/views.ts'

/** One field of an audited row. A side is null where the row did not have the field. */
export interface ChangedField {
  readonly name: string
  readonly before: string | null
  readonly after: string | null
  readonly changed: boolean
}

const words = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const side = (row: AuditEntry['before'], name: string): string | null =>
  row === null || row[name] === undefined ? null : words(row[name])

/** The fields of an entry, those that changed first, each group by name. */
export function changedFields({ before, after }: Pick<AuditEntry, 'before' | 'after'>): readonly ChangedField[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort()
  const fields = names.map((name) => {
    const [left, right] = [side(before, name), side(after, name)]
    return { name, before: left, after: right, changed: left !== right }
  })
  return [...fields.filter(({ changed }) => changed), ...fields.filter(({ changed }) => !changed)]
}
