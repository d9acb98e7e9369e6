import { X } from 'lucide-react'
import { type ReactNode, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import type { BatchDetail } from '../../../shared/contract/views.ts'
import type { Person } from '../../../shared/domain/person.ts'
import type { AppError } from '../../../shared/result.ts'
import { useToast } from '../../app/toasts.tsx'
import { useRefresh } from '../../app/use-channel.ts'
import { bridge } from '../../bridge.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { Pane, SplitPane } from '../../ui/split-pane.tsx'
import styles from './batch.module.css'
import { BatchHeader } from './batch-header.tsx'
import { SigningDialog } from './certificate/signing-dialog.tsx'
import { DecideAgainNotice } from './decision/decide-again-notice.tsx'
import { DecisionLayer } from './decision/decision-layer.tsx'
import { gatesOf, useBatchDecision } from './decision/use-batch-decision.ts'
import { type Desk, DeskContext } from './desk-context.tsx'
import {
  type DeskView,
  fittedTo,
  readDeskView,
  type ViewerSide,
  withFile,
  withSplit,
  writeDeskView,
} from './desk-view.ts'
import { EvidenceList } from './evidence/evidence-list.tsx'
import { RaiseFindingDialog } from './findings/raise-finding-dialog.tsx'
import { codesInOrder } from './rubric/rubric-navigation.ts'
import { useScores } from './rubric/use-scores.ts'
import { SidePanel } from './side-panel.tsx'
import { DeclareDialog } from './standing/declare-dialog.tsx'
import { useDeskKeys } from './use-desk-keys.ts'
import { usePin } from './use-pin.ts'
import { EvidenceViewer, type EvidenceViewerHandle } from './viewers/evidence-viewer.tsx'
import { useElementSize } from './viewers/use-element-size.ts'

/** Below this width the review panel lies over the viewers instead of standing beside them. */
const narrowPixels = 1080

/** The batch screen once the batch is here. */
export function BatchDesk({
  detail,
  problem,
  person,
  keptView,
  onKeepView,
  putDetail,
  onBack,
}: {
  readonly detail: BatchDetail
  /** Why the batch could not be read again; what is shown is older. */
  readonly problem: AppError | null
  readonly person: Person
  readonly keptView: string | null
  readonly onKeepView: (body: string) => void
  readonly putDetail: (detail: BatchDetail) => void
  readonly onBack: () => void
}) {
  const fileIds = useMemo(() => detail.evidence.map(({ id }) => id as string), [detail.evidence])
  const codes = useMemo(() => codesInOrder(detail.rubric?.criteria ?? []), [detail.rubric])
  const [rawView, setView] = useState<DeskView>(() => readDeskView(keptView))
  const view = useMemo(() => fittedTo(rawView, fileIds, codes), [rawView, fileIds, codes])
  const [openFinding, setOpenFinding] = useState<string | null>(null)
  const [sheet, setSheet] = useState<'none' | 'finding' | 'signing' | 'independence'>('none')
  const viewers = useRef<Record<ViewerSide, EvidenceViewerHandle | null>>({ a: null, b: null })
  const box = useRef<HTMLDivElement>(null)
  const { width } = useElementSize(box)
  const narrow = width > 0 && width < narrowPixels
  /** Where there is little room the panel lies over the viewer, and only when it is asked for. */
  const [drawer, setDrawer] = useState(false)
  const panelShown = narrow ? drawer : view.panel
  const say = useToast()
  const decision = useBatchDecision(detail)
  const scores = useScores(detail, putDetail)

  const written = writeDeskView(view)
  const keepView = useEffectEvent((body: string) => {
    if (body !== keptView) onKeepView(body)
  })
  useEffect(() => keepView(written), [written])

  const change = (next: (view: DeskView) => DeskView) => setView((now) => next(fittedTo(now, fileIds, codes)))
  const showTab = (tab: DeskView['tab']) => {
    setDrawer(true)
    change((now) => ({ ...now, tab, panel: true }))
  }
  const focusFinding = (findingId: string) => {
    setOpenFinding(findingId)
    showTab('findings')
  }
  const focusCriterion = (criterion: string) => change((now) => ({ ...now, criterion }))
  const openFile = (fileId: string) => change((now) => withFile(now, fileId))
  const desk: Desk = {
    detail,
    person,
    view,
    putDetail,
    openFile,
    showTab,
    focusCriterion,
    focusFinding,
    goToSubject: ({ kind, id }) => {
      if (kind === 'finding') focusFinding(id)
      else if (kind === 'evidence_file') openFile(id)
      else if (kind === 'criterion') {
        focusCriterion(id)
        showTab('rubric')
      } else showTab('history')
    },
    raiseFinding: () => setSheet('finding'),
    declareIndependence: () => {
      if (detail.standings.length > 0) setSheet('independence')
    },
    togglePin: usePin(detail, putDetail),
    startSigning: () => {
      const gates = gatesOf(detail, 'verify')
      if (gates === null)
        say({ text: 'An accredited auditor signs certificates.', detail: 'Approve the batch (A) to hand it on.' })
      else setSheet('signing')
    },
  }
  const togglePanel = () => {
    if (narrow) setDrawer(!drawer)
    else change((now) => ({ ...now, panel: !now.panel }))
  }
  useDeskKeys(desk, decision, () => viewers.current[view.active], {
    split: () => change((now) => withSplit(now, fileIds)),
    otherViewer: () => {
      const other = view.active === 'a' ? 'b' : 'a'
      change((now) => ({ ...now, active: other }))
      viewers.current[other]?.focus()
    },
    togglePanel,
    drawerOpen: narrow && drawer,
  })

  const viewer = (side: ViewerSide): ReactNode => {
    const file = detail.evidence.find(({ id }) => id === view.files[side])
    if (file === undefined)
      return (
        <EmptyState title="No file is open">
          Choose one in the list at the left, or press ] for the next one.
        </EmptyState>
      )
    const place = view.places[file.id]
    return (
      <div
        className={styles.viewer}
        data-active={view.split && view.active === side ? true : undefined}
        onPointerDownCapture={() => change((now) => ({ ...now, active: side }))}
        onFocusCapture={() => change((now) => ({ ...now, active: side }))}
      >
        <EvidenceViewer
          key={file.id}
          file={file}
          project={detail.project}
          onPlace={(next) => setView((now) => ({ ...now, places: { ...now.places, [file.id]: next } }))}
          ref={(handle) => {
            viewers.current[side] = handle
          }}
          close={
            side === 'b' ? (
              <IconButton
                size="small"
                label="Close the second viewer"
                keys="\\"
                icon={<X size={14} />}
                onClick={() => change((now) => withSplit(now, fileIds))}
              />
            ) : undefined
          }
          {...(place === undefined ? {} : { place })}
        />
      </div>
    )
  }
  const panel = <SidePanel scores={scores} openFinding={openFinding} onOpenFinding={setOpenFinding} />
  return (
    <DeskContext value={desk}>
      <div className={styles.screen} ref={box}>
        <BatchHeader
          decision={decision}
          panelShown={panelShown}
          narrow={narrow}
          onTogglePanel={togglePanel}
          onBack={onBack}
        />
        <Banners detail={detail} problem={problem} />
        <DecideAgainNotice items={decision.toDecideAgain} />
        <div className={styles.body}>
          <SplitPane id="batch">
            <Pane
              id="batch-evidence"
              label="Evidence"
              defaultSize={narrow ? '212px' : '272px'}
              minSize="180px"
              maxSize="420px"
              sunken
            >
              <EvidenceList />
            </Pane>
            <Pane id="batch-viewer-a" label="Viewer A" minSize="240px">
              {viewer('a')}
            </Pane>
            {view.split ? (
              <Pane id="batch-viewer-b" label="Viewer B" minSize="240px">
                {viewer('b')}
              </Pane>
            ) : null}
            {panelShown && !narrow ? (
              <Pane id="batch-review" label="Review" defaultSize="440px" minSize="340px" maxSize="640px">
                {panel}
              </Pane>
            ) : null}
          </SplitPane>
          {panelShown && narrow ? (
            <section className={styles.drawer} aria-label="Review" data-pane="Review" tabIndex={-1}>
              <div className={styles.drawerClose}>
                <IconButton
                  size="small"
                  label="Hide the review panel"
                  keys="P"
                  icon={<X size={14} />}
                  onClick={togglePanel}
                />
              </div>
              {panel}
            </section>
          ) : null}
          <DecisionLayer decision={decision} />
        </div>
        {sheet === 'finding' ? <RaiseFindingDialog onClose={() => setSheet('none')} /> : null}
        {sheet === 'independence' ? <DeclareDialog onClose={() => setSheet('none')} /> : null}
        {sheet === 'signing' ? <SigningDialog onClose={() => setSheet('none')} onBack={onBack} /> : null}
      </div>
    </DeskContext>
  )
}

/** What must be known before anything is decided. */
function Banners({ detail, problem }: { readonly detail: BatchDetail; readonly problem: AppError | null }) {
  const refresh = useRefresh()
  const altered = detail.evidence.filter(({ presence }) => presence === 'altered').length
  if (problem === null && !detail.stale && altered === 0) return null
  return (
    <div className={styles.banners}>
      {problem === null ? null : (
        <ErrorNotice
          error={problem}
          action={
            <Button size="small" onClick={() => refresh('batch.get')}>
              Try again
            </Button>
          }
        />
      )}
      {detail.stale ? (
        <Notice
          tone="warning"
          title="Stale: the batch changed in the cloud after a decision made here, or is not fully here"
          action={
            <Button size="small" onClick={() => void bridge.invoke('sync.now', {})}>
              Sync now
            </Button>
          }
        >
          Look at what changed and decide again. Nothing was merged.
        </Notice>
      ) : null}
      {altered === 0 ? null : (
        <Notice tone="danger" title="Evidence does not match its recorded SHA-256">
          Files marked as altered are not shown. Raise a finding (F); the recycler must submit the original again.
        </Notice>
      )}
    </div>
  )
}
