import { Monitor, Moon, Sun } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import type { SessionState, Settings } from '../../../shared/contract/views.ts'
import type { AppError } from '../../../shared/result.ts'
import { useSettings } from '../../app/settings.tsx'
import { useChannel } from '../../app/use-channel.ts'
import { useZone } from '../../app/zone.tsx'
import { Facts } from '../../ui/facts.tsx'
import { zoneName } from '../../ui/format.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { ScreenHeader } from '../../ui/screen-header.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Switch } from '../../ui/switch.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { Account } from './account.tsx'
import { FileBudget } from './file-budget.tsx'
import { Grants } from './grants.tsx'
import styles from './settings.module.css'
import { SigningKey } from './signing-key.tsx'

const themes = [
  { value: 'system', label: 'System', icon: <Monitor size={14} /> },
  { value: 'light', label: 'Light', icon: <Sun size={14} /> },
  { value: 'dark', label: 'Dark', icon: <Moon size={14} /> },
] as const

const densities = [
  { value: '28', label: 'Compact' },
  { value: '32', label: 'Normal' },
  { value: '40', label: 'Roomy' },
] as const

/** How this person works on this computer. Every change is kept at once. */
export function SettingsScreen({ session }: { readonly session: Extract<SessionState, { kind: 'signed_in' }> }) {
  const { settings, change } = useSettings()
  const zone = useZone()
  const info = useChannel('app.info', {}).data
  const [error, setError] = useState<AppError | null>(null)
  const set = async (some: Partial<Settings>) => setError(await change(some))
  return (
    <div className={styles.screen}>
      <ScreenHeader title="Settings" note="On this computer, for you" />
      <ScrollRegion className={styles.body} label="Settings">
        <div className={styles.column}>
          {error === null ? null : <ErrorNotice error={error} />}
          <Section title="Appearance">
            <Row label="Theme">
              <Segmented
                label="Theme"
                value={settings.theme}
                options={themes}
                onChange={(theme) => void set({ theme })}
              />
            </Row>
            <Row label="Rows" hint="Height of a row in lists.">
              <Segmented
                label="Rows"
                value={String(settings.density) as (typeof densities)[number]['value']}
                options={densities}
                onChange={(value) => void set({ density: value === '28' ? 28 : value === '40' ? 40 : 32 })}
              />
            </Row>
            <Row label="Time zone" hint="Every time shows UTC as well when you point at it.">
              <Segmented
                label="Time zone"
                value={zone.choice}
                options={[
                  { value: 'local', label: zoneName('local') },
                  { value: 'utc', label: 'UTC' },
                ]}
                onChange={zone.choose}
              />
            </Row>
          </Section>
          <Section title="Work">
            <HoldSeconds seconds={settings.holdSeconds} onChange={(holdSeconds) => void set({ holdSeconds })} />
            <Switch
              label="Keys of a single character"
              hint="J, K, A, R and the like. Chords with Ctrl or Alt, arrows and Enter work either way; every command is in the palette (Ctrl+K)."
              checked={settings.singleLetterKeys}
              onChange={(singleLetterKeys) => void set({ singleLetterKeys })}
            />
          </Section>
          <Section title="Files">
            <FileBudget />
          </Section>
          <Section title="Signing key">
            <SigningKey />
          </Section>
          {session.person.role === 'verifier' ? (
            <Section title="Grants">
              <Grants />
            </Section>
          ) : null}
          <Section title="Account">
            <Account session={session} />
          </Section>
          <Section title="About">
            <Facts
              rows={[
                ['Version', info?.version],
                ['Runs on', info === undefined ? null : `${info.host}, ${info.platform}`],
                ['Local database', info === undefined ? null : info.databaseEncrypted ? 'Encrypted' : 'Not encrypted'],
                [
                  'Protected by',
                  session.protection === 'keychain' ? 'The operating system’s keychain' : 'Your passphrase',
                ],
                [
                  'Data',
                  info === undefined ? null : (
                    <span key="data" className={styles.path}>
                      {info.userDataDirectory}
                    </span>
                  ),
                ],
                [
                  'Device',
                  <span key="device" className={styles.path}>
                    {session.deviceId}
                  </span>,
                ],
              ]}
            />
          </Section>
        </div>
      </ScrollRegion>
    </div>
  )
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h2 className={styles.title}>{title}</h2>
      <div className={styles.content}>{children}</div>
    </section>
  )
}

function Row({
  label,
  hint,
  children,
}: {
  readonly label: string
  readonly hint?: string
  readonly children: ReactNode
}) {
  return (
    <div className={styles.row}>
      <div>
        <div className={styles.label}>{label}</div>
        {hint === undefined ? null : <div className={styles.hint}>{hint}</div>}
      </div>
      {children}
    </div>
  )
}

function HoldSeconds({
  seconds,
  onChange,
}: {
  readonly seconds: number
  readonly onChange: (seconds: number) => void
}) {
  const [text, setText] = useState(String(seconds))
  useEffect(() => setText(String(seconds)), [seconds])
  const value = Number(text)
  const fits = /^\d+$/.test(text) && value <= 600
  return (
    <Row label="Hold decisions before sending" hint="Seconds in which a decision can be undone. 0 sends at once.">
      <div className={styles.number}>
        <TextField
          label="Seconds"
          labelHidden
          inputMode="numeric"
          value={text}
          error={fits ? null : '0 to 600'}
          after={<span>s</span>}
          onChange={(event) => setText(event.target.value)}
          onBlur={() => {
            if (fits && value !== seconds) onChange(value)
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && fits) onChange(value)
          }}
        />
      </div>
    </Row>
  )
}
