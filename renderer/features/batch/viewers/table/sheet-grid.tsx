// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be drawn in part
// biome-ignore-all lint/a11y/useFocusableInteractive: the scrolled area takes the keyboard; cells are only read
import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, useMemo, useRef } from 'react'
import { classNames } from '../../../../ui/class-names.ts'
import { columnLetters, columnWidths, isFigure } from './column-widths.ts'
import styles from './table-viewer.module.css'

const rowHeight = 28
const headerHeight = 25
const numberWidth = 56

/** The cells of one sheet. Only the rows in sight are drawn. */
export function SheetGrid({
  label,
  rows,
  totalRows,
  scrollerRef,
}: {
  readonly label: string
  readonly rows: readonly (readonly string[])[]
  readonly totalRows: number
  readonly scrollerRef: { current: HTMLDivElement | null }
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const widths = useMemo(() => columnWidths(rows), [rows])
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: headerHeight,
  })
  const width = numberWidth + widths.reduce((sum, column) => sum + column, 0)
  const columns: CSSProperties = {
    gridTemplateColumns: [numberWidth, ...widths].map((column) => `${String(column)}px`).join(' '),
    width,
  }
  return (
    <div
      className={styles.scroll}
      ref={(element) => {
        scroller.current = element
        scrollerRef.current = element
      }}
      role="table"
      aria-label={label}
      aria-rowcount={totalRows}
      aria-colcount={widths.length}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard
      tabIndex={0}
    >
      <div
        className={styles.table}
        role="rowgroup"
        style={{ height: virtualizer.getTotalSize() + headerHeight, width }}
      >
        <div className={styles.header} style={columns} role="row">
          <span className={classNames(styles.cell, styles.number)} role="columnheader">
            #
          </span>
          {widths.map((_, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is its index
            <span className={styles.cell} key={column} role="columnheader">
              {columnLetters(column)}
            </span>
          ))}
        </div>
        {virtualizer.getVirtualItems().map((item) => (
          <div
            key={item.key}
            className={styles.row}
            style={{ ...columns, top: item.start }}
            role="row"
            aria-rowindex={item.index + 1}
          >
            <span className={classNames(styles.cell, styles.number)} role="rowheader">
              {item.index + 1}
            </span>
            {widths.map((_, column) => {
              const cell = rows[item.index]?.[column] ?? ''
              return (
                <span
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its index
                  key={column}
                  className={classNames(styles.cell, isFigure(cell) && styles.figure)}
                  role="cell"
                  title={cell.length > 40 ? cell : undefined}
                >
                  {cell}
                </span>
              )
            })}
          </div>
        ))}
      </div>
    </div>
  )
}
