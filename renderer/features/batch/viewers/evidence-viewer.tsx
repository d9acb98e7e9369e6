import { Eye, EyeOff } from 'lucide-react'
import { lazy, type ReactNode, type Ref, Suspense, useImperativeHandle, useRef, useState } from 'react'
import type { BatchDetail, EvidenceView, OpenedEvidence } from '../../../../shared/contract/views.ts'
import { useToast } from '../../../app/toasts.tsx'
import { useChannel } from '../../../app/use-channel.ts'
import { Time } from '../../../app/zone.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { formatBytes } from '../../../ui/format.ts'
import { HashText } from '../../../ui/hash-text.tsx'
import { IconButton } from '../../../ui/icon-button.tsx'
import { LoadingRows } from '../../../ui/loading-rows.tsx'
import { Notice } from '../../../ui/notice.tsx'
import type { PdfPlace } from './pdf/pdf-viewer.tsx'
import { PhotoFactsPanel } from './photo/photo-facts.tsx'
import { PhotoViewer } from './photo/photo-viewer.tsx'
import { TableViewer } from './table/table-viewer.tsx'
import { useOpenedEvidence } from './use-opened-evidence.ts'
import { useViewedMark } from './use-viewed-mark.ts'
import styles from './viewer.module.css'
import { ViewerBar } from './viewer-bar.tsx'
import type { ViewerHandle } from './viewer-handle.ts'
import { viewerKind } from './viewer-kind.ts'

const PdfViewer = lazy(() => import('./pdf/pdf-viewer.tsx'))

/** What the screen asks of the viewer of one evidence file. */
export interface EvidenceViewerHandle extends ViewerHandle {
  readonly markViewed: () => void
}

/** Shows one evidence file by its type, with its title and whether it was viewed. */
export function EvidenceViewer({
  file,
  project,
  place,
  onPlace,
  close,
  ref,
}: {
  readonly file: EvidenceView
  readonly project: BatchDetail['project']
  readonly place?: PdfPlace
  readonly onPlace: (place: PdfPlace) => void
  /** A button that closes this viewer, where there are two. */
  readonly close?: ReactNode
  readonly ref?: Ref<EvidenceViewerHandle>
}) {
  const { opening, retry } = useOpenedEvidence(file)
  const [shownSha256, setShownSha256] = useState<string | null>(null)
  const viewer = useRef<ViewerHandle>(null)
  const say = useToast()
  const opened = opening.kind === 'open' ? opening.opened : null
  const kind = viewerKind(file.mediaType)
  const inSight = opened !== null && shownSha256 === opened.sha256 ? opened.sha256 : null
  const mark = useViewedMark(file, inSight, kind !== 'other')

  const markViewed = () => {
    void mark().then((error) => {
      if (error === null) return
      say({ text: error.message, ...(error.action === undefined ? {} : { detail: error.action }) })
    })
  }
  useImperativeHandle(ref, () => ({
    zoomIn: () => viewer.current?.zoomIn?.(),
    zoomOut: () => viewer.current?.zoomOut?.(),
    fit: () => viewer.current?.fit?.(),
    find: () => viewer.current?.find?.(),
    rotate: () => viewer.current?.rotate?.(),
    focus: () => viewer.current?.focus(),
    markViewed,
  }))

  const heading = (
    <>
      <h2 className={styles.title} title={file.title}>
        {file.title}
      </h2>
      {file.viewedAt === null ? (
        <IconButton
          size="small"
          label="Mark as viewed. Happens by itself once the file was in sight for a second"
          keys="V"
          icon={<EyeOff size={15} />}
          onClick={markViewed}
        />
      ) : (
        <span className={styles.viewed}>
          <Eye size={14} aria-hidden="true" />
          Viewed
        </span>
      )}
      {close}
    </>
  )
  if (opening.kind === 'failed')
    return (
      <div className={styles.fill}>
        <ViewerBar heading={heading} />
        <ErrorState error={opening.error} onRetry={retry} />
      </div>
    )
  if (opened === null)
    return (
      <div className={styles.fill}>
        <ViewerBar heading={heading} />
        <LoadingRows label={file.presence === 'present' ? 'Opening the file' : 'Bringing the file here'} />
      </div>
    )
  return (
    <OpenedFile
      file={file}
      opened={opened}
      project={project}
      heading={heading}
      onShown={() => setShownSha256(opened.sha256)}
      onPlace={onPlace}
      viewer={viewer}
      {...(place === undefined ? {} : { place })}
    />
  )
}

interface OpenedFileProps {
  readonly file: EvidenceView
  readonly opened: OpenedEvidence
  readonly project: BatchDetail['project']
  readonly heading: ReactNode
  readonly place?: PdfPlace
  readonly onPlace: (place: PdfPlace) => void
  readonly onShown: () => void
  readonly viewer: Ref<ViewerHandle>
}

function OpenedFile({ file, opened, project, heading, place, onPlace, onShown, viewer }: OpenedFileProps) {
  switch (viewerKind(file.mediaType)) {
    case 'pdf':
      return (
        <Suspense fallback={<LoadingRows label="Opening the PDF" />}>
          <PdfViewer
            key={opened.url}
            address={opened.url}
            byteSize={opened.byteSize}
            title={file.title}
            heading={heading}
            onPlace={onPlace}
            onShown={onShown}
            ref={viewer}
            {...(place === undefined ? {} : { place })}
          />
        </Suspense>
      )
    case 'photo':
      return (
        <PhotoViewer
          key={opened.url}
          address={opened.url}
          title={file.title}
          heading={heading}
          side={<PhotoSide file={file} project={project} />}
          onShown={onShown}
          ref={viewer}
        />
      )
    case 'table':
      return (
        <TableViewer
          key={opened.sha256}
          evidenceFileId={file.id}
          title={file.title}
          heading={heading}
          onShown={onShown}
          ref={viewer}
        />
      )
    case 'other':
      return <OtherFile file={file} opened={opened} heading={heading} onShown={onShown} viewer={viewer} />
  }
}

function PhotoSide({ file, project }: { readonly file: EvidenceView; readonly project: BatchDetail['project'] }) {
  const facts = useChannel('evidence.photoFacts', { evidenceFileId: file.id })
  if (facts.error !== null)
    return (
      <aside className={styles.aside} aria-label="What the photo claims">
        <Notice tone="warning" title={facts.error.message}>
          {facts.error.action}
        </Notice>
      </aside>
    )
  return facts.data === undefined ? null : <PhotoFactsPanel facts={facts.data} file={file} project={project} />
}

function OtherFile({ file, opened, heading, onShown, viewer }: Omit<OpenedFileProps, 'project' | 'onPlace' | 'place'>) {
  const box = useRef<HTMLDivElement>(null)
  const told = useRef(false)
  useImperativeHandle(viewer, () => ({ focus: () => box.current?.focus() }))
  return (
    <div className={styles.fill}>
      <ViewerBar heading={heading} />
      <div
        className={styles.other}
        tabIndex={-1}
        ref={(element) => {
          box.current = element
          if (element === null || told.current) return
          told.current = true
          onShown()
        }}
      >
        <Notice title="Files of this type cannot be shown here">
          Its bytes are here and match the recorded SHA-256. Ask the recycler for a PDF, photo or table, or look at it
          elsewhere and press V.
        </Notice>
        <Facts
          rows={[
            ['Type', opened.mediaType],
            ['Size', formatBytes(opened.byteSize)],
            ['Effective', file.effectiveAt === null ? null : <Time key="effective" instant={file.effectiveAt} />],
            ['Uploaded', <Time key="uploaded" instant={file.uploadedAt} />],
            ['SHA-256', <HashText key="hash" value={opened.sha256} label="SHA-256" whole />],
          ]}
        />
      </div>
    </div>
  )
}
