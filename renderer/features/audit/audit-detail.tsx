import type { AuditEntry } from '../../../shared/contract/views.ts'
import { Time } from '../../app/zone.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Facts } from '../../ui/facts.tsx'
import { formatCount } from '../../ui/format.ts'
import { HashText } from '../../ui/hash-text.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import styles from './audit.module.css'
import { changedFields } from './changed-fields.ts'

/** One entry of the log: who, what, before and after, and its place in the chain. */
export function AuditDetail({ entry }: { readonly entry: AuditEntry | undefined }) {
  if (entry === undefined) return <EmptyState title="No entry chosen">Move to an entry to see it here.</EmptyState>
  const fields = changedFields(entry)
  return (
    <ScrollRegion className={styles.detail} label={`Entry ${String(entry.sequence)}`}>
      <div>
        <h2 className={styles.title}>{entry.action}</h2>
        <p className={styles.muted}>{entry.entityLabel ?? entry.entity}</p>
      </div>
      <Facts
        rows={[
          ['Entry', formatCount(entry.sequence)],
          ['When', <Time key="at" instant={entry.at} />],
          ['Who', entry.actorKind === 'system' ? 'Veridesk itself' : entry.actorName],
          ['What', entry.entity],
          ['Id', <HashText key="id" value={entry.entityId} label="id" />],
          ['Device', <HashText key="device" value={entry.deviceId} label="device id" />],
        ]}
      />
      <div className={styles.block}>
        <h3 className={styles.blockTitle}>Before and after</h3>
        {fields.length === 0 ? (
          <p className={styles.muted}>This act changed no row.</p>
        ) : (
          <div className={styles.diff}>
            {fields.map((field) => (
              <div key={field.name} className={styles.field}>
                <div className={styles.fieldName}>{field.name.replaceAll('_', ' ')}</div>
                {field.changed ? (
                  <>
                    {field.before === null ? null : (
                      <div className={styles.removed}>
                        <span className={styles.sign}>−</span>
                        {field.before}
                      </div>
                    )}
                    {field.after === null ? null : (
                      <div className={styles.added}>
                        <span className={styles.sign}>+</span>
                        {field.after}
                      </div>
                    )}
                  </>
                ) : (
                  <div className={styles.same}>
                    <span className={styles.sign} />
                    {field.after}
                  </div>
                )}
              </div>
            ))}
          </div>
        )}
      </div>
      <div className={styles.block}>
        <h3 className={styles.blockTitle}>Chain</h3>
        <Facts
          rows={[
            ['Hash', <HashText key="hash" value={entry.hash} label="hash" whole />],
            [
              'Predecessor',
              <HashText key="previous" value={entry.previousHash} label="hash of the predecessor" whole />,
            ],
          ]}
        />
      </div>
    </ScrollRegion>
  )
}
