import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { ErrorState } from '../../../../ui/error-state.tsx'
import { LoadingRows } from '../../../../ui/loading-rows.tsx'
import { useElementSize } from '../use-element-size.ts'
import { ViewerBar } from '../viewer-bar.tsx'
import type { ViewerHandle } from '../viewer-handle.ts'
import { FindBar } from './find-bar.tsx'
import type { TextMatch } from './find-text.ts'
import { currentPage, keepPlace, layoutPages, type PageLayout, pageGap, pagesInSight } from './page-layout.ts'
import { PdfPage } from './pdf-page.tsx'
import { PdfToolbar } from './pdf-toolbar.tsx'
import styles from './pdf-viewer.module.css'
import { type PdfState, pixelsPerPoint, usePdfDocument } from './use-pdf-document.ts'
import { usePdfFind } from './use-pdf-find.ts'
import { fitScale, scaleOf, stepZoom, type Zoom } from './zoom.ts'

/** Where in a document a person is. */
export interface PdfPlace {
  /** From 1. */
  readonly page: number
  readonly zoom: Zoom
}

/** Props of `PdfViewer`. */
export interface PdfViewerProps {
  readonly address: string
  readonly byteSize: number
  /** Spoken name of the document. */
  readonly title: string
  readonly heading?: ReactNode
  readonly place?: PdfPlace
  readonly onPlace?: (place: PdfPlace) => void
  /** The first page has been painted. */
  readonly onShown?: () => void
  readonly ref?: Ref<ViewerHandle>
}

/** Shows a PDF: pages in a column, zoom, page number, and search through all of it. */
export default function PdfViewer(props: PdfViewerProps) {
  const { state, retry } = usePdfDocument(props.address, props.byteSize)
  if (state.kind === 'open') return <OpenPdf {...props} pdf={state} />
  return (
    <div className={styles.viewer}>
      <ViewerBar heading={props.heading} />
      {state.kind === 'failed' ? (
        <ErrorState error={state.error} onRetry={retry} />
      ) : (
        <LoadingRows label="Opening the PDF" />
      )}
    </div>
  )
}

const noMatches: readonly TextMatch[] = []

function OpenPdf({
  pdf,
  title,
  heading,
  place,
  onPlace,
  onShown,
  ref,
}: PdfViewerProps & { readonly pdf: Extract<PdfState, { kind: 'open' }> }) {
  const scroller = useRef<HTMLDivElement>(null)
  const size = useElementSize(scroller)
  const [zoom, setZoom] = useState<Zoom>(place?.zoom ?? 'fit')
  const [scrollTop, setScrollTop] = useState(0)
  const [finding, setFinding] = useState(false)

  const fit = useMemo(
    () => fitScale(Math.max(...pdf.sizes.map(({ width }) => width)), size.width, pageGap),
    [pdf.sizes, size.width],
  )
  const scale = scaleOf(zoom, fit)
  const layout = useMemo(() => layoutPages(pdf.sizes, scale), [pdf.sizes, scale])
  const sight = pagesInSight(layout, scrollTop, size.height)
  const page = currentPage(layout, scrollTop, size.height)
  const pageRef = useRef(page)
  pageRef.current = page
  const find = usePdfFind(
    finding ? pdf.texts : null,
    pdf.sizes.length,
    useCallback(() => pageRef.current, []),
  )

  const goToPage = (index: number) => {
    const top = layout.tops[index]
    if (scroller.current !== null && top !== undefined) scroller.current.scrollTop = top - pageGap
  }

  // The first layout goes to the remembered page; every later one leaves the same words in sight.
  const laidOut = useRef<PageLayout | null>(null)
  useLayoutEffect(() => {
    const before = laidOut.current
    if (scroller.current === null || size.width === 0 || before === layout) return
    laidOut.current = layout
    const { scrollWidth, clientWidth } = scroller.current
    scroller.current.scrollLeft = (scrollWidth - clientWidth) / 2
    scroller.current.scrollTop =
      before === null
        ? (layout.tops[(place?.page ?? 1) - 1] ?? 0) - pageGap
        : keepPlace(before, layout, scroller.current.scrollTop)
  })
  const tellPlace = useEffectEvent((next: PdfPlace) => onPlace?.(next))
  useEffect(() => {
    // Told once the pages stand still: scrolling through a long document must not redraw what is around it.
    const timer = setTimeout(() => {
      if (laidOut.current !== null) tellPlace({ page: page + 1, zoom })
    }, 200)
    return () => clearTimeout(timer)
  }, [page, zoom])

  const [painted, setPainted] = useState(false)
  const onPainted = useCallback(() => setPainted(true), [])
  const tellShown = useEffectEvent(() => onShown?.())
  useEffect(() => {
    if (painted) tellShown()
  }, [painted])

  const match = find.matches[find.current] ?? null
  const reveal = useEffectEvent(async (target: TextMatch) => {
    const read = await pdf.texts(target.page)
    const run = read.text.starts.findLastIndex((start) => start <= target.start)
    const position = read.positions[run]
    const viewport = (await pdf.document.getPage(target.page + 1)).getViewport({ scale: scale * pixelsPerPoint })
    const [, y = 0] = position === undefined ? [0, 0] : viewport.convertToViewportPoint(position.x, position.y)
    const top = (layout.tops[target.page] ?? 0) + Number(y)
    const view = scroller.current
    if (view === null) return
    if (top < view.scrollTop + 48 || top > view.scrollTop + view.clientHeight - 48)
      view.scrollTop = top - view.clientHeight / 3
  })
  useEffect(() => {
    if (match !== null) void reveal(match)
  }, [match])

  const byPage = useMemo(() => Map.groupBy(find.matches, (found) => found.page), [find.matches])
  const zoomStep = (direction: 1 | -1) => setZoom(stepZoom(scale, direction))
  const openFind = () => setFinding(true)
  const closeFind = () => {
    setFinding(false)
    find.search('')
    scroller.current?.focus()
  }
  useImperativeHandle(ref, () => ({
    zoomIn: () => zoomStep(1),
    zoomOut: () => zoomStep(-1),
    fit: () => setZoom('fit'),
    find: openFind,
    focus: () => scroller.current?.focus(),
  }))
  // Inside a dialog the keys of the window are still: the viewer hears them itself.
  const onKeyDown = (event: KeyboardEvent) => {
    const typing = event.target instanceof HTMLInputElement
    if (event.key.toLowerCase() === 'f' && (event.ctrlKey || event.metaKey)) openFind()
    else if (typing || event.ctrlKey || event.metaKey || event.altKey) return
    else if (event.key === '+' || event.key === '=') zoomStep(1)
    else if (event.key === '-') zoomStep(-1)
    else return
    event.preventDefault()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the controls inside
    <div className={styles.viewer} onKeyDown={onKeyDown}>
      <ViewerBar heading={heading}>
        <PdfToolbar
          page={page + 1}
          pageCount={pdf.sizes.length}
          scale={scale}
          fitted={zoom === 'fit'}
          onPage={(wanted) => {
            goToPage(wanted - 1)
            scroller.current?.focus()
          }}
          onZoom={zoomStep}
          onFit={() => setZoom('fit')}
          onFind={openFind}
        />
      </ViewerBar>
      {finding ? <FindBar find={find} onClose={closeFind} /> : null}
      <div
        className={styles.scroll}
        ref={scroller}
        role="document"
        aria-label={title}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard
        tabIndex={0}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      >
        <div className={styles.pages} style={{ height: layout.totalHeight, width: layout.widest + pageGap * 2 }}>
          {size.width === 0
            ? null
            : Array.from({ length: sight.last - sight.first + 1 }, (_, offset) => {
                const index = sight.first + offset
                return (
                  <PdfPage
                    key={index}
                    document={pdf.document}
                    texts={pdf.texts}
                    index={index}
                    pageCount={pdf.sizes.length}
                    top={layout.tops[index] ?? 0}
                    width={Math.floor((pdf.sizes[index]?.width ?? 0) * scale)}
                    height={layout.heights[index] ?? 0}
                    scale={scale}
                    matches={byPage.get(index) ?? noMatches}
                    currentMatch={match?.page === index ? match : null}
                    onPainted={onPainted}
                  />
                )
              })}
        </div>
      </div>
    </div>
  )
}
