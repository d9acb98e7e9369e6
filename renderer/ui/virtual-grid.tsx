// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be drawn in part
// biome-ignore-all lint/a11y/useFocusableInteractive: focus and keys belong to the rows and to the grid
// biome-ignore-all lint/a11y/useKeyWithClickEvents: focus and keys belong to the rows and to the grid
import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useReducer,
  useRef,
} from 'react'
import { classNames } from './class-names.ts'
import styles from './virtual-grid.module.css'
import { type GridColumn, GridRow } from './virtual-grid-row.tsx'
import { VisuallyHidden } from './visually-hidden.tsx'

/** What a screen can ask a grid to do. */
export interface VirtualGridHandle {
  /** Gives the keyboard to the active row. */
  readonly focus: () => void
  /** Brings a row into sight; `center` after a jump, `auto` after a step. */
  readonly reveal: (index: number, align?: 'auto' | 'center' | 'start') => void
  /** The index of the first row in sight, for a place that is restored later. */
  readonly firstVisible: () => number
}

/** Order of a column. */
export interface GridSort {
  readonly column: string
  readonly direction: 'ascending' | 'descending'
}

/** Props of `VirtualGrid`. */
export interface VirtualGridProps<Row> {
  readonly label: string
  readonly rowCount: number
  /** Height of a row in pixels. */
  readonly rowHeight: number
  /** Keep the same array between renderings: rows are drawn anew when it changes. */
  readonly columns: readonly GridColumn<Row>[]
  /** Undefined while the row is on its way: it is drawn in outline. */
  readonly rowAt: (index: number) => Row | undefined
  readonly activeIndex: number
  readonly onActiveChange: (index: number, by: 'key' | 'pointer') => void
  /** Absent where nothing can be selected. */
  readonly isSelected?: (index: number) => boolean
  readonly onSelect?: (index: number, how: 'toggle' | 'extend') => void
  readonly onOpen?: (index: number) => void
  /** The first and the last row that are drawn. */
  readonly onRangeChange?: (first: number, last: number) => void
  readonly sort?: GridSort
  readonly onSort?: (column: string) => void
  /** Row that is in sight first. */
  readonly initialIndex?: number
  readonly ref?: Ref<VirtualGridHandle>
}

/**
 * A table of any length of which only the rows in sight are drawn. The focus rove: one row takes the keyboard, arrows, Page Up,
 * Page Down, Home and End move it, and the active row stays drawn when it is scrolled out of sight, so that focus is never lost.
 */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>) {
  const { rowCount, rowHeight, columns, activeIndex, onActiveChange, onSelect, onOpen, onRangeChange } = props
  const scroller = useRef<HTMLDivElement>(null)
  const activeRow = useRef<HTMLDivElement>(null)
  const focusWanted = useRef(false)
  const [, drawAgain] = useReducer((count: number) => count + 1, 0)

  const rangeExtractor = useCallback(
    (range: Range) => {
      const indexes = defaultRangeExtractor(range)
      if (activeIndex < 0 || activeIndex >= rowCount || indexes.includes(activeIndex)) return indexes
      return [...indexes, activeIndex].sort((left, right) => left - right)
    },
    [activeIndex, rowCount],
  )
  const virtualizer = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    rangeExtractor,
    initialOffset: (props.initialIndex ?? 0) * rowHeight,
  })
  const drawnHeight = useRef(rowHeight)
  useLayoutEffect(() => {
    if (drawnHeight.current === rowHeight) return
    drawnHeight.current = rowHeight
    virtualizer.measure()
  }, [virtualizer, rowHeight])

  const items = virtualizer.getVirtualItems()
  const first = virtualizer.range?.startIndex ?? 0
  const last = virtualizer.range?.endIndex ?? 0
  useLayoutEffect(() => {
    if (rowCount > 0) onRangeChange?.(Math.max(0, first - 8), Math.min(rowCount - 1, last + 8))
  }, [first, last, rowCount, onRangeChange])

  useLayoutEffect(() => {
    if (!focusWanted.current || activeRow.current === null) return
    focusWanted.current = false
    activeRow.current.focus({ preventScroll: true })
  })

  useImperativeHandle(props.ref, () => ({
    // Given after the next rendering, which may have moved the active row.
    focus: () => {
      focusWanted.current = true
      drawAgain()
    },
    reveal: (index, align = 'auto') => virtualizer.scrollToIndex(index, { align }),
    firstVisible: () => virtualizer.range?.startIndex ?? 0,
  }))

  const move = (index: number) => {
    const target = Math.max(0, Math.min(rowCount - 1, index))
    focusWanted.current = true
    drawAgain()
    onActiveChange(target, 'key')
    virtualizer.scrollToIndex(target, { align: 'auto' })
  }

  const page = Math.max(1, last - first - 1)
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: activeIndex + 1,
    ArrowUp: activeIndex - 1,
    PageDown: activeIndex + page,
    PageUp: activeIndex - page,
    Home: 0,
    End: rowCount - 1,
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const target = steps[event.key]
    if (target === undefined || event.altKey || rowCount === 0) return
    event.preventDefault()
    if (event.shiftKey && onSelect !== undefined) onSelect(Math.max(0, Math.min(rowCount - 1, target)), 'extend')
    move(target)
  }

  const onRowPointer = useCallback(
    (index: number, event: MouseEvent) => {
      focusWanted.current = true
      drawAgain()
      if (event.shiftKey) onSelect?.(index, 'extend')
      else if (event.ctrlKey || event.metaKey) onSelect?.(index, 'toggle')
      onActiveChange(index, 'pointer')
    },
    [onActiveChange, onSelect],
  )

  const template: CSSProperties & { readonly '--grid-columns': string } = {
    '--grid-columns': columns.map((column) => column.width).join(' '),
  }
  return (
    <div
      className={styles.grid}
      role="grid"
      aria-label={props.label}
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length}
      aria-multiselectable={props.isSelected === undefined ? undefined : true}
      tabIndex={-1}
      style={template}
      onKeyDown={onKeyDown}
    >
      <Header
        columns={columns}
        {...(props.sort ? { sort: props.sort } : {})}
        {...(props.onSort ? { onSort: props.onSort } : {})}
      />
      <div className={styles.scroll} ref={scroller} role="rowgroup" data-grid-scroller>
        <div className={styles.space} role="presentation" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => (
            <GridRow
              key={item.key}
              index={item.index}
              top={item.start}
              height={rowHeight}
              columns={columns}
              row={props.rowAt(item.index)}
              active={item.index === activeIndex}
              selected={props.isSelected?.(item.index)}
              elementRef={item.index === activeIndex ? activeRow : null}
              onPointer={onRowPointer}
              {...(onOpen === undefined ? {} : { onOpen })}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

function Header<Row>({
  columns,
  sort,
  onSort,
}: {
  readonly columns: readonly GridColumn<Row>[]
  readonly sort?: GridSort
  readonly onSort?: (column: string) => void
}): ReactNode {
  return (
    <div className={styles.header} role="rowgroup">
      <div className={styles.headerRow} role="row" aria-rowindex={1} tabIndex={-1}>
        {columns.map((column) => {
          const sorted = sort !== undefined && column.sortable === true && sort.column === column.key
          const Arrow = sort?.direction === 'ascending' ? ArrowUp : ArrowDown
          return (
            <div
              key={column.key}
              role="columnheader"
              tabIndex={-1}
              className={classNames(styles.headerCell, column.align === 'end' && styles.end)}
              aria-sort={sorted ? sort.direction : undefined}
            >
              {column.headerHidden === true ? (
                <VisuallyHidden>{column.header}</VisuallyHidden>
              ) : column.sortable === true && onSort !== undefined ? (
                <button
                  type="button"
                  tabIndex={-1}
                  className={classNames(styles.sort, sorted && styles.sorted)}
                  onClick={() => onSort(column.key)}
                >
                  {column.header}
                  {sorted ? <Arrow size={12} aria-hidden="true" /> : null}
                </button>
              ) : (
                column.header
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
