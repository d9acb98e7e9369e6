import { type FormEvent, useState } from 'react'
import type { SigningKeyState } from '../../../../shared/contract/views.ts'
import { useCall } from '../../../app/use-call.ts'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { TextField } from '../../../ui/text-field.tsx'
import styles from './certificate.module.css'

/** A PKCS#12 file is a few kilobytes; something this large is another file. */
const largestKeyFile = 5_000_000

/** Takes a PKCS#12 file into the encrypted database. */
export function ImportKeyForm({
  onImported,
}: {
  /** The passphrase was right; it is handed on so that it need not be typed twice. */
  readonly onImported: (state: SigningKeyState, passphrase: string) => void
}) {
  const [file, setFile] = useState<File | null>(null)
  const [passphrase, setPassphrase] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const call = useCall('signingKey.import')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (file === null) {
      setProblem('Choose the file of your signing key, usually .p12 or .pfx.')
      return
    }
    if (file.size > largestKeyFile) {
      setProblem('This file is too large to be a signing key. Choose a .p12 or .pfx file.')
      return
    }
    setProblem(null)
    const bytes = new Uint8Array(await file.arrayBuffer())
    const result = await call.run({ bytes, passphrase })
    if (result.ok) onImported(result.value, passphrase)
  }
  return (
    <form className={styles.column} onSubmit={(event) => void submit(event)}>
      <label className={styles.fileField}>
        Signing key file (PKCS#12)
        <input
          type="file"
          accept=".p12,.pfx,application/x-pkcs12"
          data-first-field
          onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
        />
      </label>
      <TextField
        label="Passphrase of the file"
        type="password"
        autoComplete="off"
        value={passphrase}
        hint="Checked once and not kept. It is asked for at every signature."
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
      {problem === null ? null : <ErrorNotice error={{ message: problem }} />}
      {call.error === null ? null : <ErrorNotice error={call.error} />}
      <div>
        <Button type="submit" busy={call.busy}>
          Import signing key
        </Button>
      </div>
    </form>
  )
}
