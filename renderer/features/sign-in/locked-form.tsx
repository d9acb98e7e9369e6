import { LockKeyhole } from 'lucide-react'
import { useState } from 'react'
import type { SessionState } from '../../../shared/contract/views.ts'
import { useCall } from '../../app/use-call.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './sign-in.module.css'

/** Asks for the passphrase of the workspace that is on this computer. */
export function LockedForm({ session }: { readonly session: Extract<SessionState, { kind: 'locked' }> }) {
  const [passphrase, setPassphrase] = useState('')
  const unlock = useCall('session.unlock')
  const leave = useCall('session.signOut')
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        void unlock.run({ passphrase })
      }}
    >
      <h1 className={styles.title}>Unlock your desk</h1>
      <p className={styles.hint}>
        The database of {session.email} at {session.cloudName} is locked. Enter the passphrase that you chose on this
        computer. It is not your account’s password, and nobody can recover it.
      </p>
      {unlock.error === null ? null : <ErrorNotice error={unlock.error} />}
      <TextField
        label="Passphrase"
        type="password"
        large
        autoFocus
        autoComplete="off"
        value={passphrase}
        before={<LockKeyhole size={16} aria-hidden="true" />}
        onChange={(event) => setPassphrase(event.target.value)}
      />
      <Button type="submit" variant="primary" size="large" wide busy={unlock.busy} disabled={passphrase === ''}>
        Unlock
      </Button>
      <Button variant="quiet" busy={leave.busy} onClick={() => void leave.run({ keepUnsent: true })}>
        Sign in as somebody else
      </Button>
      {leave.error === null ? null : <ErrorNotice error={leave.error} />}
      <p className={styles.hint}>Signing in as somebody else leaves this database here, encrypted.</p>
    </form>
  )
}
