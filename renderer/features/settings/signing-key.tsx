import { FileKey2 } from 'lucide-react'
import { useRef, useState } from 'react'
import { useCall } from '../../app/use-call.ts'
import { useChannel, usePutAnswer } from '../../app/use-channel.ts'
import { useNow } from '../../app/use-now.ts'
import { Time } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { formatAge } from '../../ui/format.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './settings.module.css'

/** The largest PKCS#12 file that is read. */
const largestBytes = 1_000_000

/** The key that certificates are signed with: whose it is, until when, what is wrong with it; import and removal. */
export function SigningKey() {
  const state = useChannel('signingKey.state', {})
  const bring = useCall('signingKey.import')
  const remove = useCall('signingKey.remove')
  const put = usePutAnswer()
  const now = useNow(60_000)
  const chooser = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File | null>(null)
  const [passphrase, setPassphrase] = useState('')
  const [asking, setAsking] = useState(false)
  const key = state.data
  const importKey = async () => {
    if (file === null) return
    const bytes = new Uint8Array(await file.slice(0, largestBytes).arrayBuffer())
    const result = await bring.run({ bytes, passphrase })
    if (!result.ok) return
    put('signingKey.state', {}, result.value)
    setFile(null)
    setPassphrase('')
  }
  const removeKey = async () => {
    const result = await remove.run({})
    setAsking(false)
    if (result.ok) put('signingKey.state', {}, result.value)
  }
  return (
    <>
      <p className={styles.hint}>
        A PKCS#12 file (.p12 or .pfx) with your key and certificate. It is kept in the encrypted database; its
        passphrase is asked for each time you sign and never kept.
      </p>
      {state.error === null ? null : <ErrorNotice error={state.error} />}
      {key === undefined || !key.configured ? null : (
        <Facts
          rows={[
            [
              'State',
              key.problem === null ? (
                <Badge key="state" tone="success">
                  Ready to sign
                </Badge>
              ) : (
                <Badge key="state" tone="danger">
                  Cannot sign
                </Badge>
              ),
            ],
            ['Signer', key.subject],
            ['Issued by', key.issuer],
            ['Algorithm', key.algorithm],
            ['Valid from', key.notBefore === null ? null : <Time key="from" instant={key.notBefore} />],
            [
              'Valid to',
              key.notAfter === null ? null : (
                <span key="to">
                  <Time instant={key.notAfter} /> ({formatAge(key.notAfter, now)})
                </span>
              ),
            ],
          ]}
        />
      )}
      {key?.problem === null || key?.problem === undefined ? null : <ErrorNotice error={key.problem} />}
      <input
        ref={chooser}
        type="file"
        hidden
        accept=".p12,.pfx,application/x-pkcs12"
        aria-label="PKCS#12 file"
        onChange={(event) => {
          bring.forgetError()
          setFile(event.target.files?.[0] ?? null)
          event.target.value = ''
        }}
      />
      {file === null ? (
        <div className={styles.actions}>
          <Button icon={<FileKey2 size={14} />} onClick={() => chooser.current?.click()}>
            {key?.configured === true ? 'Replace key file' : 'Choose key file'}
          </Button>
          {key?.configured === true ? (
            <Button variant="danger" onClick={() => setAsking(true)}>
              Remove key
            </Button>
          ) : null}
        </div>
      ) : (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            void importKey()
          }}
        >
          <div className={styles.label}>{file.name}</div>
          {bring.error === null ? null : <ErrorNotice error={bring.error} />}
          <TextField
            label="Passphrase of the file"
            type="password"
            autoComplete="off"
            value={passphrase}
            hint="Whoever issued the key gave it to you. It is checked now and not kept."
            onChange={(event) => setPassphrase(event.target.value)}
          />
          <div className={styles.actions}>
            <Button type="submit" variant="primary" busy={bring.busy}>
              Import key
            </Button>
            <Button onClick={() => setFile(null)}>Cancel</Button>
          </div>
        </form>
      )}
      {remove.error === null ? null : <ErrorNotice error={remove.error} />}
      <ConfirmDialog
        open={asking}
        title="Remove the signing key?"
        description="You cannot sign on this computer until you import a key again. Certificates that are signed stay valid."
        confirmLabel="Remove key"
        danger
        busy={remove.busy}
        onConfirm={() => void removeKey()}
        onClose={() => setAsking(false)}
      />
    </>
  )
}
