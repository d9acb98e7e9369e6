import type { AccessGrantView } from '../../../shared/contract/views.ts'
import { dayInWords } from '../../../shared/domain/grant-words.ts'
import { useChannel } from '../../app/use-channel.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import styles from './settings.module.css'

const kinds: Readonly<Record<AccessGrantView['kind'], string>> = {
  accreditation: 'Accreditation',
  independence: 'Independence',
  rotation: 'Rotation',
}

const states: Readonly<Record<AccessGrantView['state'], readonly [words: string, tone: Tone]>> = {
  in_force: ['In force', 'success'],
  unconfirmed: ['Not yet confirmed', 'warning'],
  conflict: ['Blocks', 'danger'],
  not_begun: ['Not begun', 'neutral'],
  ended: ['Ended', 'neutral'],
  revoked: ['Revoked', 'danger'],
  unbelieved: ['Not verified', 'danger'],
}

/** The person's own grants with their periods: what lets them verify, also offline. */
export function Grants() {
  const { data, error } = useChannel('grants.list', {})
  return (
    <>
      <p className={styles.hint}>
        What lets you verify, signed by the registry and kept on this computer. It holds offline, and ends on its day.
      </p>
      {error === null ? null : <ErrorNotice error={error} />}
      {data === undefined ? null : data.length === 0 ? (
        <p className={styles.hint}>None. An administrator records accreditations.</p>
      ) : (
        <ul className={styles.grants} aria-label="Grants">
          {data.map((grant) => (
            <Grant key={grant.id} grant={grant} />
          ))}
        </ul>
      )}
    </>
  )
}

function Grant({ grant }: { readonly grant: AccessGrantView }) {
  const [words, tone] = states[grant.state]
  return (
    <li className={styles.grant}>
      <div className={styles.grantWords}>
        <p>
          <span className={styles.label}>{kinds[grant.kind]}</span>, {grant.title}
        </p>
        <p className={styles.hint}>
          {grant.detail}
          {grant.validFrom === null || grant.validUntil === null
            ? null
            : `, ${dayInWords(grant.validFrom)} to ${dayInWords(grant.validUntil)}`}
          {grant.revocationReason === null ? null : `. ${grant.revocationReason}`}
        </p>
      </div>
      <Badge tone={tone}>{words}</Badge>
    </li>
  )
}
