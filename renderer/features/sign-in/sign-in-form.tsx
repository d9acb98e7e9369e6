import { useState } from 'react'
import type { CloudProfile, DemoPerson, SessionState } from '../../../shared/contract/views.ts'
import { useCall } from '../../app/use-call.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { CloudChoice } from './cloud-choice.tsx'
import { DemoPeople } from './demo-people.tsx'
import styles from './sign-in.module.css'

type SignedOut = Extract<SessionState, { kind: 'signed_out' }>

/** The shortest passphrase that protects a database. */
const shortestPassphrase = 8

/** Chooses a cloud and a person, and signs in. */
export function SignInForm({ session }: { readonly session: SignedOut }) {
  const remembered = session.clouds.find(({ url }) => url === session.lastCloudUrl) ?? session.clouds[0] ?? null
  const [cloud, setCloud] = useState<CloudProfile | null>(remembered)
  const [adding, setAdding] = useState(session.clouds.length === 0)
  const [email, setEmail] = useState(session.lastEmail ?? '')
  const [password, setPassword] = useState('')
  const [protect, setProtect] = useState(!session.keychainAvailable)
  const [passphrase, setPassphrase] = useState('')
  const [repeated, setRepeated] = useState('')
  const [tried, setTried] = useState(false)
  const signIn = useCall('session.signIn')

  const passphraseError =
    !protect || !tried
      ? null
      : passphrase.length < shortestPassphrase
        ? `Use at least ${String(shortestPassphrase)} characters.`
        : passphrase === repeated
          ? null
          : 'The two passphrases are not the same.'
  const passphraseFits = !protect || (passphrase.length >= shortestPassphrase && passphrase === repeated)
  const run = (who: { readonly email: string; readonly password: string }) => {
    setTried(true)
    if (cloud === null || !passphraseFits) return
    void signIn.run({ cloud, email: who.email.trim(), password: who.password, passphrase: protect ? passphrase : null })
  }
  const asDemoPerson = (person: DemoPerson) => {
    setEmail(person.email)
    setPassword(person.password)
    run(person)
  }
  const demo = cloud?.source === 'demo' && session.demoPeople.length > 0

  const protection = (
    <section className={styles.section} aria-label="Protection of this computer">
      {session.keychainAvailable ? (
        <Checkbox
          label="Protect this computer’s copy with a passphrase, too"
          hint="Asked for each time Veridesk starts. Without it, the system’s keychain keeps the key."
          checked={protect}
          onChange={setProtect}
        />
      ) : (
        <Notice title="This computer keeps no secrets by itself">
          Choose a passphrase. It encrypts the copy of your batches here and is asked for each time Veridesk starts.
          Nobody can recover it.
        </Notice>
      )}
      {protect ? (
        <>
          <TextField
            label="Passphrase"
            type="password"
            autoComplete="new-password"
            required
            value={passphrase}
            hint={`At least ${String(shortestPassphrase)} characters. Not your password.`}
            onChange={(event) => setPassphrase(event.target.value)}
          />
          <TextField
            label="Passphrase again"
            type="password"
            autoComplete="new-password"
            required
            value={repeated}
            error={passphraseError}
            onChange={(event) => setRepeated(event.target.value)}
          />
        </>
      ) : null}
    </section>
  )
  return (
    <>
      <h1 className={styles.title}>Sign in</h1>
      {session.notice === null ? null : (
        <Notice tone="warning" title={session.notice.message}>
          {session.notice.action}
        </Notice>
      )}
      <CloudChoice clouds={session.clouds} chosen={cloud} adding={adding} onAdding={setAdding} onChoose={setCloud} />
      {signIn.error === null ? null : <ErrorNotice error={signIn.error} />}
      {cloud === null || adding ? null : (
        <>
          {demo ? (
            <>
              {protect && !session.keychainAvailable ? protection : null}
              <DemoPeople people={session.demoPeople} busy={signIn.busy} onChoose={asDemoPerson} />
              <div className={styles.or}>or sign in with an account</div>
            </>
          ) : null}
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault()
              run({ email, password })
            }}
          >
            <TextField
              label="Email"
              type="email"
              large={!demo}
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
            <TextField
              label="Password"
              type="password"
              large={!demo}
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
            {demo && !session.keychainAvailable ? null : protection}
            <Button
              type="submit"
              variant={demo ? 'secondary' : 'primary'}
              size="large"
              wide
              busy={signIn.busy}
              disabled={email === '' || password === ''}
            >
              Sign in
            </Button>
          </form>
          <p className={styles.hint}>
            No account yet? Ask the administrator of your registry. An account must be approved before it can be used
            here.
          </p>
        </>
      )}
    </>
  )
}
