import { MoveHorizontal, Search, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from '../../../../ui/icon-button.tsx'
import styles from './pdf-viewer.module.css'
import { formatZoom } from './zoom.ts'

/** Page number, zoom and find of a PDF. */
export function PdfToolbar({
  page,
  pageCount,
  scale,
  fitted,
  onPage,
  onZoom,
  onFit,
  onFind,
}: {
  /** From 1. */
  readonly page: number
  readonly pageCount: number
  readonly scale: number
  readonly fitted: boolean
  readonly onPage: (page: number) => void
  readonly onZoom: (direction: 1 | -1) => void
  readonly onFit: () => void
  readonly onFind: () => void
}) {
  const [typed, setTyped] = useState<string | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was typed gives way to the page that is reached
  useEffect(() => setTyped(null), [page])
  const go = () => {
    const wanted = Number(typed)
    if (typed !== null && Number.isInteger(wanted) && wanted >= 1) onPage(Math.min(pageCount, wanted))
    setTyped(null)
  }
  return (
    <>
      <label className={styles.pageNumber}>
        <input
          aria-label="Page number"
          inputMode="numeric"
          value={typed ?? String(page)}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={go}
          onKeyDown={(event) => {
            if (event.key === 'Enter') go()
          }}
        />
        <span>of {pageCount}</span>
      </label>
      <IconButton label="Zoom out" keys="-" size="small" icon={<ZoomOut size={15} />} onClick={() => onZoom(-1)} />
      <span className={styles.zoom}>{formatZoom(scale)}</span>
      <IconButton label="Zoom in" keys="+" size="small" icon={<ZoomIn size={15} />} onClick={() => onZoom(1)} />
      <IconButton
        label="Fit width"
        keys="W"
        size="small"
        pressed={fitted}
        icon={<MoveHorizontal size={15} />}
        onClick={onFit}
      />
      <IconButton label="Find" keys="Ctrl+F" size="small" icon={<Search size={15} />} onClick={onFind} />
    </>
  )
}
