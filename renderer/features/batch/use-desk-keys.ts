import { useKeys } from '../../app/keymap/keymap.tsx'
import type { BatchDecision } from './decision/use-batch-decision.ts'
import type { Desk } from './desk-context.tsx'
import { type DeskTab, neighborFile } from './desk-view.ts'
import type { EvidenceViewerHandle } from './viewers/evidence-viewer.tsx'

const evidence = 'Evidence'
const review = 'Review'

/** Binds the keys of the batch screen; those of the rubric are bound by the rubric. */
export function useDeskKeys(
  desk: Desk,
  decision: BatchDecision,
  viewer: () => EvidenceViewerHandle | null,
  act: {
    readonly split: () => void
    readonly otherViewer: () => void
    readonly togglePanel: () => void
    /** Whether the review panel lies over the viewer. */
    readonly drawerOpen: boolean
  },
): void {
  const { detail, view, openFile } = desk
  const fileIds = detail.evidence.map(({ id }) => id)
  const step = (direction: 1 | -1) => {
    const next = neighborFile(view, fileIds, direction)
    if (next !== null) openFile(next)
  }
  const tab = (name: DeskTab) => () => desk.showTab(name)
  const hidden = { paletteHidden: true } as const
  useKeys([
    { keys: '[', label: 'File before', group: evidence, run: () => step(-1), ...hidden },
    { keys: ']', label: 'Next file', group: evidence, run: () => step(1), ...hidden },
    { keys: 'V', label: 'Mark the open file as viewed', group: evidence, run: () => viewer()?.markViewed() },
    { keys: '\\', label: 'Second viewer', group: evidence, run: act.split },
    { keys: 'O', label: 'Other viewer', group: evidence, disabled: !view.split, run: act.otherViewer },
    { keys: 'Shift+P', label: 'Pin or unpin: all evidence stays here', group: evidence, run: desk.togglePin },
    { keys: 'Ctrl+F', label: 'Find in the document', group: evidence, run: () => viewer()?.find?.() },
    { keys: '+', label: 'Zoom in', group: evidence, run: () => viewer()?.zoomIn?.(), ...hidden },
    { keys: '-', label: 'Zoom out', group: evidence, run: () => viewer()?.zoomOut?.(), ...hidden },
    { keys: 'W', label: 'Fit the width, or all of a photo', group: evidence, run: () => viewer()?.fit?.() },
    { keys: 'T', label: 'Turn the photo', group: evidence, run: () => viewer()?.rotate?.() },
    { keys: 'P', label: 'Show or hide the review panel', group: review, run: act.togglePanel },
    {
      keys: 'Escape',
      label: 'Close the panel over the viewer',
      group: review,
      disabled: !act.drawerOpen,
      run: act.togglePanel,
      ...hidden,
    },
    { keys: 'Alt+1', label: 'Rubric', group: review, run: tab('rubric') },
    { keys: 'Alt+2', label: 'Findings', group: review, run: tab('findings') },
    { keys: 'Alt+3', label: 'History', group: review, run: tab('history') },
    { keys: 'Alt+4', label: 'Certificate', group: review, run: tab('certificate') },
    { keys: 'F', label: 'Raise a finding', group: review, run: desk.raiseFinding },
    {
      keys: 'I',
      label: 'Declare independence or a conflict',
      group: review,
      disabled: detail.standings.length === 0,
      run: desk.declareIndependence,
    },
    { keys: 'A', label: 'Approve', group: review, run: () => decision.start('approve') },
    { keys: 'R', label: 'Reject', group: review, run: () => decision.start('reject') },
    { keys: 'Q', label: 'Request changes', group: review, run: () => decision.start('request_changes') },
    { keys: 'Ctrl+Enter', label: 'Sign a certificate', group: review, run: desk.startSigning },
  ])
}
