import type { OpenedHandover, SubmittedHandover } from '../../../shared/contract/handover-views.ts'
import { Badge } from '../../ui/badge.tsx'
import { formatCount, formatNoun, shortHash } from '../../ui/format.ts'
import { Notice } from '../../ui/notice.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import styles from './handover.module.css'
import { changeName, fates } from './handover-words.ts'

/** As many changes as are listed; what needs somebody comes first. */
const longestList = 500

/** The fate of every change of a file that the cloud took. */
export function SubmittedFile({
  opened,
  submitted,
}: {
  readonly opened: OpenedHandover
  readonly submitted: SubmittedHandover
}) {
  const changes = new Map(opened.changes.map((change) => [change.mutationId, change]))
  const groups = fates.map((fate) => ({
    ...fate,
    members: submitted.fates.filter(({ status }) => status === fate.status),
  }))
  const rows = groups.flatMap(({ label, tone, members }) => members.map((member) => ({ ...member, label, tone })))
  const unsettled = groups.filter(({ status }) => status === 'rejected' || status === 'conflict')
  const attention = unsettled.reduce((sum, { members }) => sum + members.length, 0)
  return (
    <>
      {attention === 0 ? (
        <Notice tone="success" title="The cloud has every change" live>
          {opened.ofMyself
            ? 'They are on this workstation with the next sync.'
            : `They are in the register as the work of ${opened.personName}.`}
        </Notice>
      ) : (
        <Notice tone="warning" title={`${formatNoun(attention, 'change')} not applied`} live>
          Tell whoever made the file. They see the same in their sync center as soon as that computer has a network.
        </Notice>
      )}
      <div className={styles.counts}>
        {groups
          .filter(({ members }) => members.length > 0)
          .map(({ status, label, tone, members }) => (
            <Badge key={status} tone={tone}>{`${label}: ${formatCount(members.length)}`}</Badge>
          ))}
      </div>
      {submitted.withoutFile.length === 0 ? null : (
        <Notice tone="warning" title={`${formatNoun(submitted.withoutFile.length, 'certificate')} without its PDF`}>
          Submit the file again; if it stays so, the PDF comes with the next sync of the computer that signed it.
        </Notice>
      )}
      <ScrollRegion className={styles.region} label="Fate of each change">
        <ul>
          {rows.slice(0, longestList).map((row) => {
            const change = changes.get(row.mutationId)
            return (
              <li key={row.mutationId} className={styles.item}>
                <Badge tone={row.tone}>{row.label}</Badge>
                <span className={styles.name}>
                  {change === undefined ? 'Change' : changeName(change)}{' '}
                  <span className={styles.muted}>
                    {change === undefined || change.batchHash === null ? '' : shortHash(change.batchHash)}
                  </span>
                </span>
                {row.message === null ? null : (
                  <span className={styles.reason}>
                    {row.message} {row.action}
                  </span>
                )}
              </li>
            )
          })}
          {rows.length <= longestList ? null : (
            <li className={styles.item}>
              <span className={styles.muted}>and {formatCount(rows.length - longestList)} more</span>
            </li>
          )}
        </ul>
      </ScrollRegion>
    </>
  )
}
