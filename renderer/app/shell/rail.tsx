import { ChartNoAxesColumn, FileCheck2, Inbox, RefreshCw, ScrollText, Settings as SettingsIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Person } from '../../../shared/domain/person.ts'
import { BrandMark } from '../../ui/brand-mark.tsx'
import { initialsOf } from '../../ui/initials.ts'
import { Tooltip } from '../../ui/tooltip.tsx'
import type { Place } from '../navigation.ts'
import { roleLabel } from '../role-label.ts'
import styles from './shell.module.css'

/** The ways to the screens, down the left edge. `attention` marks the sync center where something waits for the person. */
export function Rail({
  place,
  person,
  attention,
  onGo,
}: {
  readonly place: Place
  readonly person: Person
  readonly attention: boolean
  readonly onGo: (place: Place) => void
}) {
  const entry = (screen: Place['screen'], label: string, keys: string, icon: ReactNode, mark = false) => (
    <Tooltip label={label} keys={keys} side="right">
      <button
        type="button"
        className={styles.railButton}
        aria-label={mark ? `${label}, needs attention` : label}
        aria-current={place.screen === screen ? 'page' : undefined}
        onClick={() => onGo(screen === 'batch' ? { screen, batchId: null } : { screen })}
      >
        {icon}
        {mark ? <span className={styles.dot} aria-hidden="true" /> : null}
      </button>
    </Tooltip>
  )
  return (
    <nav className={styles.rail} aria-label="Screens" data-pane="Screens">
      <span className={styles.brand} aria-hidden="true">
        <BrandMark />
      </span>
      {entry('queue', 'Queue', 'G Q', <Inbox size={18} />)}
      {entry('batch', 'Batch', 'G B', <FileCheck2 size={18} />)}
      {entry('audit', 'Audit', 'G A', <ScrollText size={18} />)}
      {entry('reports', 'Reports', 'G R', <ChartNoAxesColumn size={18} />)}
      <span className={styles.space} />
      {entry('sync', 'Sync center', 'G C', <RefreshCw size={18} />, attention)}
      {entry('settings', 'Settings', 'G S', <SettingsIcon size={18} />)}
      <Tooltip label={`${person.name}, ${roleLabel(person).toLowerCase()}`} side="right">
        <button
          type="button"
          className={styles.railButton}
          aria-label={`${initialsOf(person.name)}, account of ${person.name}`}
          onClick={() => onGo({ screen: 'settings' })}
        >
          <span className={styles.initials}>{initialsOf(person.name)}</span>
        </button>
      </Tooltip>
    </nav>
  )
}
