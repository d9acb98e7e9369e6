import { Maximize2, RotateCw, ZoomIn, ZoomOut } from 'lucide-react'
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useRef,
  useState,
} from 'react'
import { ErrorState } from '../../../../ui/error-state.tsx'
import { IconButton } from '../../../../ui/icon-button.tsx'
import { useElementSize } from '../use-element-size.ts'
import { ViewerBar } from '../viewer-bar.tsx'
import type { ViewerHandle } from '../viewer-handle.ts'
import { type Extent, fittedView, type PhotoView, turned, withinFrame, zoomedAt } from './photo-view.ts'
import styles from './photo-viewer.module.css'

const zoomStep = 1.25
const panStep = 60

/** Shows a photo: zoom by wheel, keys and buttons, moved by dragging or the arrow keys, turned by `T`. */
export function PhotoViewer({
  address,
  title,
  heading,
  side,
  onShown,
  ref,
}: {
  readonly address: string
  readonly title: string
  readonly heading?: ReactNode
  readonly side?: ReactNode
  readonly onShown?: () => void
  readonly ref?: Ref<ViewerHandle>
}) {
  const frameElement = useRef<HTMLDivElement>(null)
  const frame = useElementSize(frameElement)
  const [photo, setPhoto] = useState<Extent | null>(null)
  const [failed, setFailed] = useState(false)
  const [attempt, setAttempt] = useState(0)
  /** Null: all of it in the frame, whatever the frame's size. */
  const [free, setFree] = useState<PhotoView | null>(null)
  const [turns, setTurns] = useState<PhotoView['turns']>(0)
  const drag = useRef<{ readonly x: number; readonly y: number } | null>(null)

  const extent = photo ?? { width: 0, height: 0 }
  const view = free ?? fittedView(extent, frame, turns)
  const zoom = (factor: number, point = { x: 0, y: 0 }) => setFree(zoomedAt(view, factor, point, extent, frame))
  const pan = (x: number, y: number) => setFree(withinFrame({ ...view, x: view.x + x, y: view.y + y }, extent, frame))
  const rotate = () => {
    setTurns(turned(view, extent, frame).turns)
    setFree(null)
  }
  const showAll = () => setFree(null)

  useImperativeHandle(ref, () => ({
    zoomIn: () => zoom(zoomStep),
    zoomOut: () => zoom(1 / zoomStep),
    fit: showAll,
    rotate,
    focus: () => frameElement.current?.focus(),
  }))

  // The wheel must not scroll what is around the photo; React listens passively, so this is bound by hand.
  const onWheel = useEffectEvent((event: WheelEvent) => {
    event.preventDefault()
    const box = frameElement.current?.getBoundingClientRect()
    if (box === undefined) return
    const point = { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 }
    zoom(event.deltaY < 0 ? zoomStep : 1 / zoomStep, point)
  })
  useEffect(() => {
    const target = frameElement.current
    const listen = (event: WheelEvent) => onWheel(event)
    target?.addEventListener('wheel', listen, { passive: false })
    return () => target?.removeEventListener('wheel', listen)
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [panStep, 0],
      ArrowRight: [-panStep, 0],
      ArrowUp: [0, panStep],
      ArrowDown: [0, -panStep],
    }
    const step = steps[event.key]
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    pan(...step)
  }
  const onPointerMove = (event: PointerEvent) => {
    const from = drag.current
    if (from === null) return
    drag.current = { x: event.clientX, y: event.clientY }
    pan(event.clientX - from.x, event.clientY - from.y)
  }

  if (failed)
    return (
      <div className={styles.viewer}>
        <ViewerBar heading={heading} />
        <ErrorState
          error={{
            code: 'file_unreadable',
            message: 'The photo cannot be read: it is damaged, or it is not a photo.',
            action: 'Raise a finding (F), so that the recycler submits the file again.',
          }}
          onRetry={() => {
            setFailed(false)
            setAttempt(attempt + 1)
          }}
        />
      </div>
    )
  return (
    <div className={styles.viewer}>
      <ViewerBar heading={heading}>
        <IconButton
          label="Zoom out"
          keys="-"
          size="small"
          icon={<ZoomOut size={15} />}
          onClick={() => zoom(1 / zoomStep)}
        />
        <IconButton label="Zoom in" keys="+" size="small" icon={<ZoomIn size={15} />} onClick={() => zoom(zoomStep)} />
        <IconButton
          label="Show all of it"
          keys="W"
          size="small"
          pressed={free === null}
          icon={<Maximize2 size={14} />}
          onClick={showAll}
        />
        <IconButton label="Turn" keys="T" size="small" icon={<RotateCw size={14} />} onClick={rotate} />
      </ViewerBar>
      <div className={styles.body}>
        <div
          className={styles.frame}
          ref={frameElement}
          role="application"
          aria-label={`${title}. Arrow keys move the photo.`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: moved by keyboard
          tabIndex={0}
          onKeyDown={onKeyDown}
          onDoubleClick={() => (free === null ? zoom(2.5) : showAll())}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            drag.current = { x: event.clientX, y: event.clientY }
          }}
          onPointerMove={onPointerMove}
          onPointerUp={() => {
            drag.current = null
          }}
          onPointerCancel={() => {
            drag.current = null
          }}
        >
          <img
            key={attempt}
            src={address}
            alt={title}
            draggable={false}
            style={{
              transform: `translate(-50%, -50%) translate(${String(view.x)}px, ${String(view.y)}px) rotate(${String(view.turns * 90)}deg) scale(${String(view.scale)})`,
              visibility: photo === null ? 'hidden' : 'visible',
            }}
            onLoad={(event) => {
              const image = event.currentTarget
              // Loaded is not yet drawn: only a decoded photo has been seen.
              image.decode().then(
                () => {
                  setPhoto({ width: image.naturalWidth, height: image.naturalHeight })
                  onShown?.()
                },
                () => setFailed(true),
              )
            }}
            onError={() => setFailed(true)}
          />
        </div>
        {side}
      </div>
    </div>
  )
}
