import { ChevronDown, ChevronRight, CloudCog, Equal, GitCompareArrows, Pencil } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { formatNoun } from '../../ui/format.ts'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { type ComparedField, type FieldMark, markWords } from './compare-fields.ts'
import styles from './comparison.module.css'

const markIcons = {
  mine: Pencil,
  theirs: CloudCog,
  both: GitCompareArrows,
  agreed: Equal,
} as const satisfies Partial<Record<FieldMark, unknown>>

/** Base, mine and theirs side by side, a row for each field. What nobody changed is folded away. */
export function ComparisonTable({
  fields,
  without,
}: {
  readonly fields: readonly ComparedField[]
  /** What is said in a column that has no row: there was no base, or the cloud shows none. */
  readonly without: { readonly base: string | null; readonly theirs: string | null }
}) {
  const [unfolded, setUnfolded] = useState(false)
  const differing = fields.filter(({ mark }) => mark !== 'same' && mark !== 'record')
  const same = fields.filter(({ mark }) => mark === 'same')
  const record = fields.filter(({ mark }) => mark === 'record')
  const shown = [...differing, ...record, ...(unfolded ? same : [])]
  return (
    <div className={styles.compared}>
      <ScrollRegion label="Comparison" className={styles.tableBox}>
        <table className={styles.table}>
          <caption>
            <VisuallyHidden>The common base, your change and the cloud’s row, field by field</VisuallyHidden>
          </caption>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Common base</th>
              <th scope="col">Mine</th>
              <th scope="col">The cloud’s now</th>
            </tr>
          </thead>
          <tbody>
            {without.base === null && without.theirs === null ? null : (
              <tr className={styles.absence}>
                <th scope="row">
                  <VisuallyHidden>Remark</VisuallyHidden>
                </th>
                <td>{without.base}</td>
                <td />
                <td>{without.theirs}</td>
              </tr>
            )}
            {shown.map((field) => (
              <FieldRow key={field.name} field={field} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {same.length === 0 ? null : (
        <div>
          <Button
            size="small"
            variant="quiet"
            aria-expanded={unfolded}
            icon={unfolded ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
            onClick={() => setUnfolded(!unfolded)}
          >
            {unfolded ? 'Hide' : 'Show'} {formatNoun(same.length, 'field')} that nobody changed
          </Button>
        </div>
      )}
    </div>
  )
}

function FieldRow({ field }: { readonly field: ComparedField }) {
  const { mark } = field
  const words = markWords[mark]
  const Icon = mark === 'same' || mark === 'record' ? null : markIcons[mark]
  const mineChanged = mark === 'mine' || mark === 'both' || mark === 'agreed'
  const theirsChanged = mark === 'theirs' || mark === 'both' || mark === 'agreed'
  return (
    <tr className={classNames(mark === 'both' && styles.bothRow)}>
      <th scope="row">
        {field.label}
        {words === null || Icon === null ? null : (
          <span className={classNames(styles.mark, mark === 'both' && styles.markBoth)}>
            <Icon size={12} aria-hidden="true" />
            {words}
          </span>
        )}
      </th>
      <Value text={field.base} changed={false} />
      <Value text={field.mine} changed={mineChanged} />
      <Value text={field.theirs} changed={theirsChanged} />
    </tr>
  )
}

function Value({ text, changed }: { readonly text: string | null; readonly changed: boolean }) {
  return (
    <td className={classNames(changed && styles.changed)}>
      {text === null ? (
        <span className={styles.nothing}>
          <span aria-hidden="true">–</span>
          <VisuallyHidden>nothing</VisuallyHidden>
        </span>
      ) : (
        text
      )}
    </td>
  )
}
