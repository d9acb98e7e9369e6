import { Clock, CloudUpload, KeyRound } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { formatCount, formatInstantInFull } from '../../ui/format.ts'
import { Popover } from '../../ui/popover.tsx'
import { Switch } from '../../ui/switch.tsx'
import { Tooltip } from '../../ui/tooltip.tsx'
import { connectionWords, unsentCount } from '../connection-words.ts'
import type { Place } from '../navigation.ts'
import { useToast } from '../toasts.tsx'
import { useCall } from '../use-call.ts'
import { useChannel } from '../use-channel.ts'
import { useNow } from '../use-now.ts'
import { useZone } from '../zone.tsx'
import { DataAge } from './data-age.tsx'
import { isUnderWay, RunProgress } from './run-progress.tsx'
import styles from './shell.module.css'

const day = 24 * 60 * 60 * 1000

/** The line at the foot of the window: connection, what is unsent, age of the mirror, signing key, time zone. */
export function StatusBar({ onGo }: { readonly onGo: (place: Place) => void }) {
  return (
    <footer className={styles.status} data-pane="Status" tabIndex={-1}>
      <Connection onGo={onGo} />
      <SigningKey onGo={onGo} />
      <TimeZone />
    </footer>
  )
}

function Connection({ onGo }: { readonly onGo: (place: Place) => void }) {
  const { data: sync } = useChannel('sync.state', {})
  const switchOff = useCall('sync.setOffline')
  const say = useToast()
  if (sync === undefined) return <span className={styles.space} />
  const words = connectionWords(sync.connection)
  const unsent = unsentCount(sync)
  const goOffline = async (offline: boolean) => {
    const result = await switchOff.run({ offline })
    if (!result.ok) say({ text: result.error.message })
  }
  return (
    <>
      <Popover
        title="Connection"
        side="top"
        trigger={
          <button type="button" className={styles.item}>
            <span
              className={classNames(
                styles.lamp,
                words.tone === 'off' && styles.lampOff,
                words.tone === 'warning' && styles.lampWarning,
              )}
              aria-hidden="true"
            />
            <span className={styles.strong}>{words.name}</span>
          </button>
        }
      >
        <div className={styles.panel}>
          <div className={styles.panelTitle}>{words.name}</div>
          <p className={styles.panelText}>{words.sentence}</p>
          <Switch
            label="Work offline"
            hint="Nothing is sent or received until you switch this off."
            checked={sync.connection.kind === 'switched_off'}
            disabled={switchOff.busy}
            onChange={(offline) => void goOffline(offline)}
          />
          <Button onClick={() => onGo({ screen: 'sync' })}>Open sync center</Button>
        </div>
      </Popover>
      <button type="button" className={styles.item} onClick={() => onGo({ screen: 'sync' })}>
        <CloudUpload size={13} aria-hidden="true" />
        {unsent === 0 ? 'All sent' : <span className={styles.strong}>{formatCount(unsent)} unsent</span>}
        {sync.counts.conflict + sync.counts.rejected === 0 ? null : (
          <span className={styles.warn}>{formatCount(sync.counts.conflict + sync.counts.rejected)} to resolve</span>
        )}
      </button>
      <DataAge sync={sync} onGo={onGo} />
      {isUnderWay(sync) ? (
        <div className={styles.progress}>
          <RunProgress sync={sync} />
        </div>
      ) : null}
      <span className={styles.space} />
    </>
  )
}

function SigningKey({ onGo }: { readonly onGo: (place: Place) => void }) {
  const { data: key } = useChannel('signingKey.state', {})
  const now = useNow(60_000)
  if (key === undefined) return null
  const daysLeft = key.notAfter === null ? null : Math.floor((Date.parse(key.notAfter) - now) / day)
  const trouble = key.problem !== null || (daysLeft !== null && daysLeft < 30)
  const text = !key.configured
    ? 'No signing key'
    : key.problem !== null
      ? 'Signing key: problem'
      : daysLeft !== null && daysLeft < 30
        ? `Signing key: ${String(daysLeft)} d left`
        : 'Signing key ready'
  return (
    <Tooltip label={key.problem?.message ?? key.subject ?? 'Import a signing key in the settings'} side="top">
      <button
        type="button"
        className={classNames(styles.item, trouble && styles.warn)}
        onClick={() => onGo({ screen: 'settings' })}
      >
        <KeyRound size={13} aria-hidden="true" />
        {text}
      </button>
    </Tooltip>
  )
}

function TimeZone() {
  const zone = useZone()
  const now = useNow()
  return (
    <Tooltip label={`Now ${formatInstantInFull(new Date(now).toISOString(), zone.name)}. Click to change.`} side="top">
      <button
        type="button"
        className={styles.item}
        aria-label={`Times are shown in ${zone.name}. Change to ${zone.choice === 'utc' ? 'local time' : 'UTC'}`}
        onClick={() => zone.choose(zone.choice === 'utc' ? 'local' : 'utc')}
      >
        <Clock size={13} aria-hidden="true" />
        {zone.name}
      </button>
    </Tooltip>
  )
}
