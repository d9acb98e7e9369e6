import type { OpenedHandover } from '../../../shared/contract/handover-views.ts'
import { Time } from '../../app/zone.tsx'
import { Facts } from '../../ui/facts.tsx'
import { formatCount, formatNoun, shortHash } from '../../ui/format.ts'
import { HashText } from '../../ui/hash-text.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import styles from './handover.module.css'
import { changeName, changesInWords } from './handover-words.ts'

/** As many changes as are listed; nobody reads more before submitting. */
const longestList = 200

/** Who made a file, when, for which cloud, and what is in it. */
export function OpenedFile({ opened }: { readonly opened: OpenedHandover }) {
  const { changes, refusal } = opened
  return (
    <>
      {refusal === null ? null : <ErrorNotice error={refusal} />}
      {opened.sameCloud ? null : (
        <Notice tone="warning" title="This file may be for another cloud">
          It names {opened.cloudName}, {opened.cloudUrl}. If that is the cloud you are signed in to, it was restored
          from a backup since, and the file can be submitted.
        </Notice>
      )}
      <Facts
        rows={[
          ['Made by', opened.ofMyself ? `You, ${opened.personEmail}` : `${opened.personName}, ${opened.personEmail}`],
          ['On', opened.deviceName],
          ['When', <Time key="made" instant={opened.madeAt} />],
          ['Holds', `${formatNoun(changes.length, 'change')}: ${changesInWords(changes)}`],
          ['PDF files', opened.certificates === 0 ? null : formatNoun(opened.certificates, 'signed certificate')],
          ['Fingerprint', <HashText key="fingerprint" value={opened.fingerprint} label="fingerprint" whole />],
        ]}
      />
      <p className={styles.muted}>
        The signature fits: nothing was altered since. Whether the key is that of this person’s device, the cloud says
        when the file is submitted. Each change is applied as {opened.ofMyself ? 'yours' : 'that person’s'}, once,
        however often it arrives.
      </p>
      <ScrollRegion className={styles.region} label="Changes in the file">
        <ul>
          {changes.slice(0, longestList).map((change) => (
            <li key={change.mutationId} className={styles.item}>
              <span className={styles.name}>
                {changeName(change)}{' '}
                <span className={styles.muted}>
                  {change.batchHash === null ? 'batch not on this computer' : shortHash(change.batchHash)}
                </span>
              </span>
              <span className={styles.muted}>
                <Time instant={change.occurredAt} />
              </span>
            </li>
          ))}
          {changes.length <= longestList ? null : (
            <li className={styles.item}>
              <span className={styles.muted}>and {formatCount(changes.length - longestList)} more</span>
            </li>
          )}
        </ul>
      </ScrollRegion>
    </>
  )
}
