import { FileSignature, HardDriveDownload, LockKeyhole } from 'lucide-react'
import type { SessionState } from '../../../shared/contract/views.ts'
import { useChannel } from '../../app/use-channel.ts'
import { BrandMark } from '../../ui/brand-mark.tsx'
import { LockedForm } from './locked-form.tsx'
import styles from './sign-in.module.css'
import { SignInForm } from './sign-in-form.tsx'

const points = [
  {
    icon: HardDriveDownload,
    title: 'Works without a network',
    text: 'Your batches and their evidence are copied here. Decide anywhere; everything is sent when you are back.',
  },
  {
    icon: FileSignature,
    title: 'Certificates that others can check',
    text: 'Signed here with your own key, as PDF. Anyone can verify them without this program.',
  },
  {
    icon: LockKeyhole,
    title: 'Encrypted, and on the record',
    text: 'The database on this computer is encrypted. Every act is kept in a log that shows any change.',
  },
] as const

/** What is shown while nobody is at the desk: sign-in, or the passphrase of a locked workspace. */
export function SignInScreen({ session }: { readonly session: Exclude<SessionState, { kind: 'signed_in' }> }) {
  const info = useChannel('app.info', {}).data
  return (
    <div className={styles.page}>
      <aside className={styles.about} aria-label="About Veridesk">
        <div className={styles.brand}>
          <span className={styles.mark}>
            <BrandMark />
          </span>
          Veridesk
        </div>
        <p className={styles.lead}>The desk for verifying plastic and carbon credit batches</p>
        <ul className={styles.points}>
          {points.map(({ icon: Icon, title, text }) => (
            <li key={title} className={styles.point}>
              <Icon size={18} aria-hidden="true" />
              <span>
                <strong>{title}</strong>
                {text}
              </span>
            </li>
          ))}
        </ul>
        <p className={styles.foot}>{info === undefined ? '' : `Version ${info.version}, ${info.host}`}</p>
      </aside>
      <main className={styles.work}>
        <div className={styles.column}>
          {session.kind === 'locked' ? <LockedForm session={session} /> : <SignInForm session={session} />}
        </div>
      </main>
    </div>
  )
}
