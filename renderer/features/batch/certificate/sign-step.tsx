import { useState } from 'react'
import type { AppError } from '../../../../shared/result.ts'
import { useChannel, usePutAnswer } from '../../../app/use-channel.ts'
import { Time } from '../../../app/zone.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { LoadingRows } from '../../../ui/loading-rows.tsx'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { TextField } from '../../../ui/text-field.tsx'
import styles from './certificate.module.css'
import { ImportKeyForm } from './import-key-form.tsx'

/** Unlocks the key. A key can be brought here where there is none. */
export function SignStep({
  passphrase,
  onPassphrase,
  error,
  onPreview,
  onCheck,
}: {
  readonly passphrase: string
  readonly onPassphrase: (text: string) => void
  readonly error: AppError | null
  readonly onPreview: () => void
  readonly onCheck: () => void
}) {
  const key = useChannel('signingKey.state', {})
  const put = usePutAnswer()
  const [replacing, setReplacing] = useState(false)
  if (key.error !== null) return <ErrorState error={key.error} onRetry={key.refetch} />
  if (key.data === undefined) return <LoadingRows count={3} label="Looking for the signing key" />
  const state = key.data
  const wrongPassphrase = error?.code === 'signing_key_wrong_passphrase'
  const keyTrouble =
    error?.code === 'signing_key_missing' ||
    error?.code === 'signing_key_unreadable' ||
    error?.code === 'signing_certificate_expired' ||
    error?.code === 'signing_certificate_not_yet_valid' ||
    error?.code === 'signing_certificate_not_for_signing'
  if (!state.configured || replacing || keyTrouble)
    return (
      <div className={styles.column}>
        {error === null ? null : <ErrorNotice error={error} />}
        <h3 className={styles.sectionTitle}>
          {state.configured ? 'Use another signing key' : 'No signing key is here yet'}
        </h3>
        <p className={styles.note}>The key is kept in the encrypted local database. It never leaves this computer.</p>
        <ImportKeyForm
          onImported={(imported, typed) => {
            put('signingKey.state', {}, imported)
            onPassphrase(typed)
            setReplacing(false)
          }}
        />
        {state.configured ? (
          <div>
            <Button
              onClick={() => {
                onPassphrase('')
                setReplacing(false)
              }}
            >
              Keep the present key
            </Button>
          </div>
        ) : null}
      </div>
    )
  return (
    <div className={styles.column}>
      <Notice tone="warning" title="A signature is never undone">
        What you sign stays on record for good. A mistake can only be superseded by another certificate.
      </Notice>
      {state.problem === null ? null : <ErrorNotice error={state.problem} />}
      <Facts
        rows={[
          ['Signs as', state.subject],
          ['Issued by', state.issuer],
          ['Valid until', state.notAfter === null ? null : <Time key="until" instant={state.notAfter} />],
          ['Algorithm', state.algorithm],
        ]}
      />
      <div data-first-field>
        <TextField
          label="Passphrase of the signing key"
          type="password"
          autoFocus
          autoComplete="off"
          value={passphrase}
          error={wrongPassphrase ? `${error.message} ${error.action ?? ''}`.trim() : null}
          onChange={(event) => onPassphrase(event.currentTarget.value)}
        />
      </div>
      {error === null || wrongPassphrase ? null : (
        <ErrorNotice
          error={error}
          action={
            error.code === 'stale' ? (
              <Button size="small" onClick={onPreview}>
                Preview again
              </Button>
            ) : error.code === 'blocked' ? (
              <Button size="small" onClick={onCheck}>
                Back to the checklist
              </Button>
            ) : undefined
          }
        />
      )}
      <div>
        <Button size="small" onClick={() => setReplacing(true)}>
          Use another key
        </Button>
      </div>
    </div>
  )
}
