import { AnnotationMode, type PDFDocumentProxy, RenderingCancelledException, TextLayer } from 'pdfjs-dist'
import { type CSSProperties, memo, useEffect, useRef, useState } from 'react'
import { slicesOf, type TextMatch } from './find-text.ts'
import { markFound } from './found-highlights.ts'
import type { PageTexts } from './page-texts.ts'
import styles from './pdf-viewer.module.css'
import { pixelsPerPoint } from './use-pdf-document.ts'
import { outputScale } from './zoom.ts'

/** Props of `PdfPage`. */
export interface PdfPageProps {
  readonly document: PDFDocumentProxy
  readonly texts: PageTexts
  /** From 0. */
  readonly index: number
  readonly pageCount: number
  /** Pixels from the top of the scrolled area. */
  readonly top: number
  readonly width: number
  readonly height: number
  /** 1 is 100 %. */
  readonly scale: number
  readonly matches: readonly TextMatch[]
  readonly currentMatch: TextMatch | null
  readonly onPainted: () => void
}

/** One page: its picture, and its text above it, invisible, to be selected, found and read aloud. */
export const PdfPage = memo(function PdfPage(props: PdfPageProps) {
  const { document, texts, index, scale, width, height, matches, currentMatch, onPainted } = props
  const picture = useRef<HTMLDivElement>(null)
  const textHost = useRef<HTMLDivElement>(null)
  const [textRuns, setTextRuns] = useState<readonly HTMLElement[]>([])
  const [failed, setFailed] = useState(false)

  useEffect(() => {
    let stopped = false
    let cancel: () => void = () => undefined
    const draw = async () => {
      const page = await document.getPage(index + 1)
      if (stopped) return
      const sharpness = outputScale(width, height, window.devicePixelRatio)
      const canvas = window.document.createElement('canvas')
      canvas.width = Math.floor(width * sharpness)
      canvas.height = Math.floor(height * sharpness)
      const task = page.render({
        canvas,
        viewport: page.getViewport({ scale: scale * pixelsPerPoint * sharpness }),
        // Stamps, remarks and filled-in fields are part of the evidence; they are drawn and never active.
        annotationMode: AnnotationMode.ENABLE,
      })
      cancel = () => task.cancel()
      await task.promise
      if (stopped) return
      // The picture of the former size stays, stretched, until this one is done.
      picture.current?.replaceChildren(canvas)
      onPainted()
    }
    draw().catch((cause: unknown) => {
      if (!stopped && !(cause instanceof RenderingCancelledException)) setFailed(true)
    })
    return () => {
      stopped = true
      cancel()
    }
  }, [document, index, scale, width, height, onPainted])

  useEffect(() => {
    const host = textHost.current
    if (host === null) return
    let layer: TextLayer | null = null
    let stopped = false
    const write = async () => {
      const page = await document.getPage(index + 1)
      const { content } = await texts(index)
      if (stopped) return
      host.replaceChildren()
      layer = new TextLayer({
        textContentSource: content,
        container: host,
        viewport: page.getViewport({ scale: pixelsPerPoint }),
      })
      await layer.render()
      setTextRuns(layer.textDivs)
    }
    // A page whose text cannot be read is still looked at as a picture.
    write().catch(() => undefined)
    return () => {
      stopped = true
      layer?.cancel()
    }
  }, [document, texts, index])

  useEffect(() => {
    if (textRuns.length === 0 || matches.length === 0) return
    let unmark: () => void = () => undefined
    let stopped = false
    texts(index).then(
      ({ text, lengths }) => {
        if (stopped) return
        const rangesOf = (match: TextMatch): readonly Range[] =>
          slicesOf(match, text, lengths).flatMap(({ run, start, end }) => {
            const node = textRuns[run]?.firstChild
            if (!(node instanceof Text) || node.length < end) return []
            const range = new Range()
            range.setStart(node, start)
            range.setEnd(node, end)
            return [range]
          })
        const others = matches.filter((match) => match !== currentMatch)
        unmark = markFound(others.flatMap(rangesOf), currentMatch === null ? [] : rangesOf(currentMatch))
      },
      () => undefined,
    )
    return () => {
      stopped = true
      unmark()
    }
  }, [textRuns, matches, currentMatch, texts, index])

  const place: CSSProperties & { readonly '--total-scale-factor': number } = {
    top: props.top,
    width,
    height,
    '--total-scale-factor': scale * pixelsPerPoint,
  }
  return (
    <section
      className={styles.page}
      style={place}
      aria-label={`Page ${String(index + 1)} of ${String(props.pageCount)}`}
      data-page={index + 1}
    >
      <div className={styles.picture} ref={picture} aria-hidden="true" />
      <div className={styles.text} ref={textHost} />
      {failed ? (
        <p className={styles.pageProblem} role="alert">
          This page could not be drawn. Raise a finding (F) if it matters.
        </p>
      ) : null}
    </section>
  )
})
