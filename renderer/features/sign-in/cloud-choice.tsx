import { Cloud, FileJson, MonitorDot } from 'lucide-react'
import { type DragEvent, useRef, useState } from 'react'
import type { CloudProfile } from '../../../shared/contract/views.ts'
import { useCall } from '../../app/use-call.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './sign-in.module.css'

const sourceNames: Readonly<Record<CloudProfile['source'], string>> = {
  demo: 'Demo',
  entered: 'Project',
  organization_file: 'Organization file',
  managed: 'Managed',
}

/** Which cloud to sign in to: one that is known, a project by its address and key, or an organization file. */
export function CloudChoice({
  clouds,
  chosen,
  adding,
  onAdding,
  onChoose,
}: {
  readonly clouds: readonly CloudProfile[]
  readonly chosen: CloudProfile | null
  /** A new cloud is being entered; the rest of the sign-in waits. */
  readonly adding: boolean
  readonly onAdding: (adding: boolean) => void
  readonly onChoose: (cloud: CloudProfile) => void
}) {
  const test = useCall('session.testCloud')
  const [answer, setAnswer] = useState<{
    readonly tone: 'success' | 'warning'
    readonly message: string
    readonly action: string | null
  } | null>(null)
  const runTest = async (cloud: CloudProfile) => {
    setAnswer(null)
    const result = await test.run({ cloud })
    if (!result.ok) return
    const { reachable, compatible, milliseconds, message, action } = result.value
    const fine = reachable && compatible
    setAnswer({
      tone: fine ? 'success' : 'warning',
      message: fine && milliseconds !== null ? `${message} (${String(milliseconds)} ms)` : message,
      action,
    })
  }
  const take = (cloud: CloudProfile) => {
    onChoose(cloud)
    onAdding(false)
    setAnswer(null)
  }
  const managed = chosen?.source === 'managed'
  const others = clouds.length > 1 && !managed
  return (
    <section className={styles.section} aria-label="Cloud">
      {chosen === null || adding ? null : (
        <>
          {others ? (
            <Select
              label="Cloud"
              value={chosen.url}
              options={[...new Map([...clouds, chosen].map((cloud) => [cloud.url, cloud])).values()].map((cloud) => ({
                value: cloud.url,
                label: cloud.name,
                note: sourceNames[cloud.source],
              }))}
              onChange={(url) => {
                const cloud = clouds.find((candidate) => candidate.url === url)
                if (cloud !== undefined) take(cloud)
              }}
            />
          ) : null}
          <div className={styles.cloud}>
            {chosen.source === 'demo' ? (
              <MonitorDot size={16} aria-hidden="true" />
            ) : (
              <Cloud size={16} aria-hidden="true" />
            )}
            <div className={styles.cloudText}>
              <div>
                {chosen.name} <Badge>{sourceNames[chosen.source]}</Badge>
              </div>
              <div className={styles.cloudUrl}>{chosen.url}</div>
            </div>
            <Button size="small" busy={test.busy} onClick={() => void runTest(chosen)}>
              Test connection
            </Button>
          </div>
          {answer === null ? null : (
            <Notice tone={answer.tone} title={answer.message} live>
              {answer.action ?? undefined}
            </Notice>
          )}
          {test.error === null ? null : <ErrorNotice error={test.error} />}
          {managed ? (
            <p className={styles.hint}>This computer’s administrator chose the cloud.</p>
          ) : (
            <div>
              <Button size="small" variant="quiet" icon={<Cloud size={14} />} onClick={() => onAdding(true)}>
                Use another cloud
              </Button>
            </div>
          )}
        </>
      )}
      {adding ? <NewCloud onTake={take} {...(clouds.length === 0 ? {} : { onCancel: () => onAdding(false) })} /> : null}
    </section>
  )
}

function NewCloud({
  onTake,
  onCancel,
}: {
  readonly onTake: (cloud: CloudProfile) => void
  readonly onCancel?: () => void
}) {
  const [url, setUrl] = useState('')
  const [publishableKey, setKey] = useState('')
  const [over, setOver] = useState(false)
  const file = useRef<HTMLInputElement>(null)
  const read = useCall('session.readOrganizationFile')
  const readable = URL.canParse(url.trim()) && /^https?:/.test(url.trim())
  const takeFile = async (chosen: File | undefined) => {
    if (chosen === undefined) return
    const result = await read.run({ text: await chosen.slice(0, 100_000).text() })
    if (result.ok) onTake(result.value)
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    event.stopPropagation()
    setOver(false)
    void takeFile(event.dataTransfer.files[0])
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (!readable) return
        const address = new URL(url.trim())
        onTake({ name: address.host, url: address.origin, publishableKey: publishableKey.trim(), source: 'entered' })
      }}
    >
      <div>
        <h2 className={styles.sectionTitle}>Connect to a cloud</h2>
        <p className={styles.hint}>
          Your organization gives you a file, or the address and the publishable key of its Supabase project.
        </p>
      </div>
      <fieldset
        className={classNames(styles.drop, over && styles.dropOver)}
        aria-label="Organization file"
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <span>Drop the organization file here</span>
        <Button size="small" icon={<FileJson size={14} />} busy={read.busy} onClick={() => file.current?.click()}>
          Choose file
        </Button>
        <input
          ref={file}
          type="file"
          accept="application/json,.json"
          hidden
          aria-label="Organization file"
          onChange={(event) => {
            void takeFile(event.target.files?.[0])
            event.target.value = ''
          }}
        />
      </fieldset>
      {read.error === null ? null : <ErrorNotice error={read.error} />}
      <TextField
        label="Project address"
        mono
        type="url"
        placeholder="https://abcdefgh.supabase.co"
        value={url}
        error={url === '' || readable ? null : 'Write the whole address, beginning with https://.'}
        onChange={(event) => setUrl(event.target.value)}
      />
      <TextField
        label="Publishable key"
        mono
        placeholder="sb_publishable_…"
        hint="In the project’s settings under API keys. Never the secret key."
        value={publishableKey}
        error={
          publishableKey.startsWith('sb_secret_')
            ? 'This is a secret key. It must not leave the server; use the publishable one.'
            : null
        }
        onChange={(event) => setKey(event.target.value)}
      />
      <div className={styles.actions}>
        <Button
          type="submit"
          variant="primary"
          disabled={!readable || publishableKey.trim() === '' || publishableKey.startsWith('sb_secret_')}
        >
          Use this cloud
        </Button>
        {onCancel === undefined ? null : <Button onClick={onCancel}>Cancel</Button>}
      </div>
    </form>
  )
}
