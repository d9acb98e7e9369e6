import type { ReactElement } from 'react'
import type { RowSyncMark } from '../../shared/domain/sync-state.ts'
import { classNames } from './class-names.ts'
import styles from './sync-mark.module.css'

type Mark = Exclude<RowSyncMark, null>

/** What each mark is called on the screen. */
export const syncMarkLabels: Readonly<Record<Mark, string>> = {
  saved_here: 'Saved here',
  queued: 'Queued',
  sent: 'Sent',
  conflict: 'Conflict',
  rejected: 'Refused',
}

const explanations: Readonly<Record<Mark, string>> = {
  saved_here: 'Saved on this computer, can still be undone',
  queued: 'Waiting to be sent',
  sent: 'The cloud has it',
  conflict: 'Changed in the cloud meanwhile: choose in the sync center',
  rejected: 'Refused by the cloud: see the sync center',
}

const line = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.5,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const

const shapes: Readonly<Record<Mark, ReactElement>> = {
  saved_here: (
    <>
      <path d="M8 2.5v6m-2.5-2.5L8 8.5l2.5-2.5" {...line} />
      <path d="M2.5 9.5v3a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-3" {...line} />
    </>
  ),
  queued: (
    <>
      <circle cx="8" cy="8" r="5.75" {...line} />
      <path d="M8 4.75V8l2.25 1.5" {...line} />
    </>
  ),
  sent: <path d="m1.5 8.5 3 3L10.5 5M7.5 11l.5.5L14.5 5" {...line} />,
  conflict: <path d="M2.5 6h11m-11 4h11M11 2.5l-6 11" {...line} />,
  rejected: (
    <>
      <rect x="2.25" y="2.25" width="11.5" height="11.5" rx="2" {...line} />
      <path d="m5.75 5.75 4.5 4.5m0-4.5-4.5 4.5" {...line} />
    </>
  ),
}

/** Where a row's local change is: one mark per state, never one for two of them. Nothing local is on the row: nothing is shown. */
export function SyncMark({ mark, labelled = false }: { readonly mark: RowSyncMark; readonly labelled?: boolean }) {
  if (mark === null) return null
  const shape = (
    <svg viewBox="0 0 16 16" width={14} height={14} aria-hidden="true">
      {shapes[mark]}
    </svg>
  )
  if (labelled)
    return (
      <span className={classNames(styles.mark, styles[mark])}>
        {shape}
        {syncMarkLabels[mark]}
      </span>
    )
  return (
    <span
      className={classNames(styles.mark, styles[mark])}
      role="img"
      aria-label={syncMarkLabels[mark]}
      title={`${syncMarkLabels[mark]}. ${explanations[mark]}`}
    >
      {shape}
    </span>
  )
}
