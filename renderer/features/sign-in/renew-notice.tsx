import { useId, useState } from 'react'
import { useCall } from '../../app/use-call.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './sign-in.module.css'

/** Says that the session has expired and takes the password again. Work goes on meanwhile. */
export function RenewNotice({ email }: { readonly email: string }) {
  const [open, setOpen] = useState(false)
  const [password, setPassword] = useState('')
  const renew = useCall('session.renew')
  const form = useId()
  return (
    <>
      <Notice
        tone="warning"
        title="Your session has expired"
        action={
          <Button size="small" onClick={() => setOpen(true)}>
            Enter password
          </Button>
        }
      >
        Work goes on and is kept here. Enter your password to send and receive again.
      </Notice>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title="Sign in again"
        description={`As ${email}. Nothing that you did is lost.`}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Later</Button>
            <Button variant="primary" type="submit" form={form} busy={renew.busy} disabled={password === ''}>
              Sign in
            </Button>
          </>
        }
      >
        <form
          id={form}
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            void renew.run({ password }).then((result) => {
              if (!result.ok) return
              setPassword('')
              setOpen(false)
            })
          }}
        >
          {renew.error === null ? null : <ErrorNotice error={renew.error} />}
          <TextField
            label="Password"
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </form>
      </Dialog>
    </>
  )
}
