import { type ReactNode, type Ref, useEffect, useEffectEvent, useImperativeHandle, useRef, useState } from 'react'
import { useChannel } from '../../../../app/use-channel.ts'
import { EmptyState } from '../../../../ui/empty-state.tsx'
import { ErrorState } from '../../../../ui/error-state.tsx'
import { formatCount, formatNoun } from '../../../../ui/format.ts'
import { LoadingRows } from '../../../../ui/loading-rows.tsx'
import { Notice } from '../../../../ui/notice.tsx'
import { Segmented } from '../../../../ui/segmented.tsx'
import { ViewerBar } from '../viewer-bar.tsx'
import type { ViewerHandle } from '../viewer-handle.ts'
import { SheetGrid } from './sheet-grid.tsx'
import styles from './table-viewer.module.css'

/** Shows a CSV file or a workbook as the program read it, in a process of its own and capped. */
export function TableViewer({
  evidenceFileId,
  title,
  heading,
  onShown,
  ref,
}: {
  readonly evidenceFileId: string
  readonly title: string
  readonly heading?: ReactNode
  readonly onShown?: () => void
  readonly ref?: Ref<ViewerHandle>
}) {
  const table = useChannel('evidence.table', { evidenceFileId })
  const [sheetIndex, setSheetIndex] = useState(0)
  const scroller = useRef<HTMLDivElement | null>(null)
  useImperativeHandle(ref, () => ({ focus: () => scroller.current?.focus() }))
  const loaded = table.data !== undefined
  const tellShown = useEffectEvent(() => onShown?.())
  useEffect(() => {
    if (loaded) tellShown()
  }, [loaded])

  const sheets = table.data?.sheets ?? []
  const sheet = sheets[sheetIndex] ?? sheets[0]
  return (
    <div className={styles.viewer}>
      <ViewerBar heading={heading}>
        {sheet === undefined ? null : <span>{formatNoun(sheet.totalRows, 'row')}</span>}
      </ViewerBar>
      {table.error !== null ? (
        <ErrorState error={table.error} onRetry={table.refetch} />
      ) : !loaded ? (
        <LoadingRows label="Reading the table" />
      ) : sheet === undefined ? (
        <EmptyState title="The file has no table">
          It was read without fault, and nothing is in it. Raise a finding (F) if something should be.
        </EmptyState>
      ) : (
        <>
          {sheet.truncated ? (
            <div className={styles.notice}>
              <Notice tone="warning">
                Only the first {formatCount(sheet.rows.length)} of {formatCount(sheet.totalRows)} rows are shown.
              </Notice>
            </div>
          ) : null}
          <SheetGrid
            key={sheet.name}
            label={`${title}, ${sheet.name}`}
            rows={sheet.rows}
            totalRows={sheet.totalRows}
            scrollerRef={scroller}
          />
        </>
      )}
      {sheets.length < 2 ? null : (
        <div className={styles.sheets}>
          <Segmented
            label="Sheet"
            value={String(sheetIndex)}
            options={sheets.map(({ name }, index) => ({ value: String(index), label: name }))}
            onChange={(value) => setSheetIndex(Number(value))}
          />
        </div>
      )}
    </div>
  )
}
