import { TriangleAlert } from 'lucide-react'
import { staleData } from '../../../shared/domain/data-age.ts'
import type { SyncState } from '../../../shared/domain/sync-state.ts'
import { formatAge } from '../../ui/format.ts'
import { Tooltip } from '../../ui/tooltip.tsx'
import { dataAgeAdvice, dataAgeWords } from '../data-age-words.ts'
import type { Place } from '../navigation.ts'
import { useNow } from '../use-now.ts'
import { useZone } from '../zone.tsx'
import styles from './shell.module.css'

/** How fresh the copy is; where it is older than a person would expect, in words that are spoken and stand out. */
export function DataAge({ sync, onGo }: { readonly sync: SyncState; readonly onGo: (place: Place) => void }) {
  const now = useNow()
  const zone = useZone()
  const stale = staleData(sync, now)
  return (
    <>
      {sync.progress === null && stale === null ? (
        <span className={styles.item}>
          {sync.lastPulledAt === null ? 'Never synced' : `Synced ${formatAge(sync.lastPulledAt, now)}`}
        </span>
      ) : null}
      <span role="status" className={styles.age}>
        {stale === null ? null : (
          <Tooltip label={dataAgeAdvice(stale)} side="top">
            <button type="button" className={styles.stale} onClick={() => onGo({ screen: 'sync' })}>
              <TriangleAlert size={13} aria-hidden="true" />
              <span>{dataAgeWords(stale, now, zone.name)}</span>
            </button>
          </Tooltip>
        )}
      </span>
    </>
  )
}
