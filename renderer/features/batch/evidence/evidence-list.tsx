import { Eye } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { EvidenceView } from '../../../../shared/contract/views.ts'
import { Time } from '../../../app/zone.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { classNames } from '../../../ui/class-names.ts'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatBytes, formatCount } from '../../../ui/format.ts'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { VisuallyHidden } from '../../../ui/visually-hidden.tsx'
import { useDesk } from '../desk-context.tsx'
import { activeFile } from '../desk-view.ts'
import styles from './evidence-list.module.css'
import { EvidenceIcon, evidenceKindLabels, presenceWords } from './evidence-words.tsx'

/** The files of the batch. Up and Down move, Enter opens in the viewer that is in use. */
export function EvidenceList() {
  const { detail, view, openFile } = useDesk()
  const { evidence } = detail
  const list = useRef<HTMLUListElement>(null)
  const viewed = evidence.filter((file) => file.viewedAt !== null).length
  const missing = evidence.filter((file) => file.presence === 'absent' || file.presence === 'partial').length
  const chosen = activeFile(view)
  // The keys [ and ] open files from anywhere: the list shows where they are, and a focus inside it goes along.
  useEffect(() => {
    const row = list.current?.querySelector<HTMLElement>('[aria-current="true"]')
    if (chosen === null || row === null || row === undefined) return
    row.scrollIntoView({ block: 'nearest' })
    if (list.current?.contains(document.activeElement) === true) row.focus()
  }, [chosen])
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const rows = [...(list.current?.querySelectorAll('button') ?? [])]
    const index = rows.findIndex((row) => row.matches(':focus'))
    rows[Math.max(0, Math.min(rows.length - 1, index + step))]?.focus()
  }
  if (evidence.length === 0)
    return (
      <EmptyState title="No evidence">
        The recycler has submitted no files for this batch. Request changes (Q) to ask for them.
      </EmptyState>
    )
  return (
    <div className={styles.pane}>
      <div className={styles.head}>
        <h2 className={styles.title}>Evidence</h2>
        <ProgressBar label="Viewed" done={viewed} total={evidence.length} />
        {detail.pinned ? <p className={styles.note}>Pinned: stays on this computer</p> : null}
        {missing === 0 ? null : (
          <p className={styles.note}>{formatCount(missing)} not on this computer, will come with the network</p>
        )}
      </div>
      <ul className={styles.list} ref={list} aria-label="Evidence files" onKeyDown={onKeyDown}>
        {evidence.map((file, index) => (
          <li key={file.id}>
            <EvidenceRow
              file={file}
              current={file.id === chosen}
              beside={view.split && !(file.id === chosen) && (file.id === view.files.a || file.id === view.files.b)}
              reachable={file.id === chosen || (chosen === null && index === 0)}
              onOpen={() => openFile(file.id)}
            />
          </li>
        ))}
      </ul>
    </div>
  )
}

function EvidenceRow({
  file,
  current,
  beside,
  reachable,
  onOpen,
}: {
  readonly file: EvidenceView
  readonly current: boolean
  readonly beside: boolean
  readonly reachable: boolean
  readonly onOpen: () => void
}) {
  const words = file.presence === 'present' ? null : presenceWords[file.presence]
  return (
    <button
      type="button"
      className={classNames(styles.row, current && styles.current, beside && styles.beside)}
      aria-current={current ? 'true' : undefined}
      tabIndex={reachable ? 0 : -1}
      onClick={onOpen}
      title={words === null ? undefined : words.explanation}
    >
      <span className={styles.icon}>
        <EvidenceIcon kind={file.kind} />
      </span>
      <span className={styles.text}>
        <span className={styles.name}>{file.title}</span>
        <span className={styles.meta}>
          <span>{evidenceKindLabels[file.kind]}</span>
          {file.effectiveAt === null ? null : <Time instant={file.effectiveAt} />}
          <span>{formatBytes(file.byteSize)}</span>
        </span>
        {words === null ? null : (
          <span>
            <Badge tone={file.presence === 'altered' ? 'danger' : 'neutral'}>{words.label}</Badge>
          </span>
        )}
      </span>
      <span className={file.viewedAt === null ? styles.unviewed : styles.viewed}>
        {file.viewedAt === null ? null : <Eye size={14} aria-hidden="true" />}
        <VisuallyHidden>{file.viewedAt === null ? 'Not viewed' : 'Viewed'}</VisuallyHidden>
      </span>
    </button>
  )
}
