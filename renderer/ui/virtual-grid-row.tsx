// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be drawn in part
// biome-ignore-all lint/a11y/useFocusableInteractive: focus and keys belong to the rows and to the grid
// biome-ignore-all lint/a11y/useKeyWithClickEvents: focus and keys belong to the rows and to the grid
import { type MouseEvent, memo, type ReactNode, type Ref } from 'react'
import { classNames } from './class-names.ts'
import styles from './virtual-grid.module.css'

/** One column of a `VirtualGrid`. */
export interface GridColumn<Row> {
  readonly key: string
  readonly header: string
  /** The header is spoken and not shown. */
  readonly headerHidden?: boolean
  /** A CSS grid track such as `96px` or `minmax(160px, 2fr)`. */
  readonly width: string
  readonly align?: 'start' | 'end'
  readonly sortable?: boolean
  readonly cell: (row: Row, context: { readonly index: number; readonly selected: boolean }) => ReactNode
}

interface GridRowProps<Row> {
  readonly index: number
  readonly top: number
  readonly height: number
  readonly columns: readonly GridColumn<Row>[]
  readonly row: Row | undefined
  readonly active: boolean
  readonly selected: boolean | undefined
  readonly elementRef: Ref<HTMLDivElement> | null
  readonly onPointer: (index: number, event: MouseEvent) => void
  readonly onOpen?: (index: number) => void
}

function PlainGridRow<Row>(props: GridRowProps<Row>) {
  const { index, columns, row, active, selected } = props
  return (
    <div
      ref={props.elementRef}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={row === undefined || undefined}
      tabIndex={active ? 0 : -1}
      className={classNames(styles.row, active && styles.active)}
      style={{ height: props.height, transform: `translateY(${String(props.top)}px)` }}
      onClick={(event) => props.onPointer(index, event)}
      onDoubleClick={() => props.onOpen?.(index)}
    >
      {columns.map((column) => (
        <div key={column.key} role="gridcell" className={classNames(styles.cell, column.align === 'end' && styles.end)}>
          {row === undefined ? (
            <span className={styles.bone} />
          ) : (
            column.cell(row, { index, selected: selected === true })
          )}
        </div>
      ))}
    </div>
  )
}

/** A row of a `VirtualGrid`, drawn anew only when its own data, place or state changes. */
export const GridRow = memo(PlainGridRow) as typeof PlainGridRow
