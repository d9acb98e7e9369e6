import { LogOut } from 'lucide-react'
import { useState } from 'react'
import type { SessionState } from '../../../shared/contract/views.ts'
import { unsentCount } from '../../app/connection-words.ts'
import { roleLabel } from '../../app/role-label.ts'
import { useCall } from '../../app/use-call.ts'
import { useChannel } from '../../app/use-channel.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { formatNoun } from '../../ui/format.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import styles from './settings.module.css'

/** Who is signed in, where, and signing out; asks first where something is not sent. */
export function Account({ session }: { readonly session: Extract<SessionState, { kind: 'signed_in' }> }) {
  const { person, cloud } = session
  const sync = useChannel('sync.state', {}).data
  const signOut = useCall('session.signOut')
  const [asking, setAsking] = useState(false)
  const unsent = sync === undefined ? 0 : unsentCount(sync)
  const leave = async (keepUnsent: boolean) => {
    const result = await signOut.run({ keepUnsent })
    setAsking(!result.ok && result.error.code === 'blocked' && !keepUnsent)
  }
  return (
    <>
      <Facts
        rows={[
          ['Name', person.name],
          ['Email', person.email],
          ['Role', roleLabel(person)],
          ['Organization', person.organizationName],
          ['Cloud', `${cloud.name}, ${cloud.url}`],
        ]}
      />
      {signOut.error === null || asking ? null : <ErrorNotice error={signOut.error} />}
      <div className={styles.actions}>
        <Button
          icon={<LogOut size={14} />}
          busy={signOut.busy}
          onClick={() => (unsent > 0 ? setAsking(true) : void leave(false))}
        >
          Sign out
        </Button>
      </div>
      <ConfirmDialog
        open={asking}
        title={unsent > 0 ? `Sign out with ${formatNoun(unsent, 'unsent change')}?` : 'Sign out with unsent changes?'}
        description="They stay on this computer, encrypted, and are sent when you sign in here again. On another computer they cannot be seen."
        confirmLabel="Sign out and keep them here"
        busy={signOut.busy}
        onConfirm={() => void leave(true)}
        onClose={() => setAsking(false)}
      />
    </>
  )
}
