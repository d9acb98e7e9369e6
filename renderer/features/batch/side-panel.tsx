import { useEffect } from 'react'
import { formatHundredths } from '../../ui/format.ts'
import { Tabs } from '../../ui/tabs.tsx'
import { CertificatePanel } from './certificate/certificate-panel.tsx'
import { useDesk } from './desk-context.tsx'
import { type DeskTab, deskTabs } from './desk-view.ts'
import { FindingsPanel } from './findings/findings-panel.tsx'
import { HistoryPanel } from './history/history-panel.tsx'
import { RubricPanel } from './rubric/rubric-panel.tsx'
import type { Scores } from './rubric/use-scores.ts'

/** Rubric, findings, history and certificate, one at a time. */
export function SidePanel({
  scores,
  openFinding,
  onOpenFinding,
}: {
  readonly scores: Scores
  readonly openFinding: string | null
  readonly onOpenFinding: (findingId: string | null) => void
}) {
  const { detail, view, showTab } = useDesk()
  const { tab } = view
  // What had the focus may have gone with the tab before; the keyboard must not be left nowhere.
  useEffect(() => {
    const focused = document.activeElement
    if (focused !== document.body && focused?.getAttribute('role') !== 'tab') return
    const chosen = [...document.querySelectorAll<HTMLElement>('[role="tablist"][aria-label="Review"] [role="tab"]')]
    chosen[deskTabs.indexOf(tab)]?.focus()
  }, [tab])
  const count = (length: number): { readonly count?: string } => (length === 0 ? {} : { count: String(length) })
  return (
    <Tabs<DeskTab>
      label="Review"
      value={view.tab}
      onChange={showTab}
      tabs={[
        {
          value: 'rubric',
          label: 'Rubric',
          ...(detail.scoreHundredths === null ? {} : { count: formatHundredths(detail.scoreHundredths) }),
          content: <RubricPanel scores={scores} />,
        },
        {
          value: 'findings',
          label: 'Findings',
          ...count(detail.findings.filter(({ status }) => status === 'open' || status === 'answered').length),
          content: <FindingsPanel openFinding={openFinding} onOpenFinding={onOpenFinding} />,
        },
        { value: 'history', label: 'History', ...count(detail.decisions.length), content: <HistoryPanel /> },
        {
          value: 'certificate',
          label: 'Certificate',
          ...count(detail.certificates.length),
          content: <CertificatePanel />,
        },
      ]}
    />
  )
}
