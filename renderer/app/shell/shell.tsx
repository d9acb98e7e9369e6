import { Activity, type ReactNode, Suspense, useEffect, useReducer, useState } from 'react'
import { assertNever } from '../../../shared/assert-never.ts'
import type { SessionState } from '../../../shared/contract/views.ts'
import { QueueScreen } from '../../features/queue/queue-screen.tsx'
import { RenewNotice } from '../../features/sign-in/renew-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { attentionCount } from '../connection-words.ts'
import { ErrorBoundary } from '../error-boundary.tsx'
import { useKeys } from '../keymap/keymap.tsx'
import { goBack, goTo, type Navigation, type Place, readNavigation, writeNavigation } from '../navigation.ts'
import { useChannel } from '../use-channel.ts'
import { useDraft } from '../use-draft.ts'
import { useKeptZone } from '../use-kept-zone.ts'
import { CertificateDrop } from './certificate-drop.tsx'
import { KeySheet } from './key-sheet.tsx'
import { Palette } from './palette.tsx'
import { focusPane } from './panes.ts'
import { Rail } from './rail.tsx'
import {
  AuditScreen,
  BatchScreen,
  fetchScreens,
  HandoverActions,
  ReportsScreen,
  SettingsScreen,
  SyncCenterScreen,
} from './screens.ts'
import styles from './shell.module.css'
import { StatusBar } from './status-bar.tsx'

type SignedIn = Extract<SessionState, { kind: 'signed_in' }>
type Step = { readonly go: Place } | { readonly restore: Navigation } | 'back'

const step = (navigation: Navigation, next: Step): Navigation =>
  next === 'back' ? goBack(navigation) : 'go' in next ? goTo(navigation, next.go) : next.restore

/** The desk of the person who is signed in: rail, the open screen, status bar, and what is reached from everywhere. */
export function Shell({ session }: { readonly session: SignedIn }) {
  const draft = useDraft('window.place')
  const [navigation, navigate] = useReducer(step, draft.body ?? null, readNavigation)
  const [restored, setRestored] = useState(draft.body !== undefined)
  const [sheet, setSheet] = useState<'none' | 'keys' | 'palette'>('none')
  const sync = useChannel('sync.state', {})
  useKeptZone()
  const { place } = navigation

  useEffect(() => {
    if (restored || draft.body === undefined) return
    navigate({ restore: readNavigation(draft.body) })
    setRestored(true)
  }, [draft.body, restored])
  useEffect(() => {
    if (restored) draft.save(writeNavigation(navigation))
  }, [restored, navigation, draft.save])

  useEffect(fetchScreens, [])

  const go = (to: Place) => navigate({ go: to })
  const everywhere = 'Everywhere'
  useKeys(
    [
      { keys: 'G Q', label: 'Go to the queue', group: everywhere, run: () => go({ screen: 'queue' }) },
      { keys: 'G B', label: 'Go to the batch', group: everywhere, run: () => go({ screen: 'batch', batchId: null }) },
      { keys: 'G A', label: 'Go to the audit log', group: everywhere, run: () => go({ screen: 'audit' }) },
      { keys: 'G R', label: 'Go to reports', group: everywhere, run: () => go({ screen: 'reports' }) },
      { keys: 'G S', label: 'Go to settings', group: everywhere, run: () => go({ screen: 'settings' }) },
      { keys: 'G C', label: 'Go to the sync center', group: everywhere, run: () => go({ screen: 'sync' }) },
      { keys: 'Alt+Left', label: 'Back', group: everywhere, run: () => navigate('back') },
      { keys: 'F6', label: 'Next pane', group: everywhere, run: () => focusPane(1), paletteHidden: true },
      { keys: 'Shift+F6', label: 'Pane before', group: everywhere, run: () => focusPane(-1), paletteHidden: true },
      {
        keys: 'Ctrl+K',
        label: 'Find a command',
        group: everywhere,
        run: () => setSheet('palette'),
        paletteHidden: true,
      },
      { keys: '?', label: 'Show all keys', group: everywhere, run: () => setSheet('keys') },
    ],
    'global',
  )
  if (!restored) return null
  return (
    <div className={styles.shell}>
      <Rail
        place={place}
        person={session.person}
        attention={sync.data !== undefined && attentionCount(sync.data) > 0}
        onGo={go}
      />
      <main className={styles.main}>
        {session.needsPassword ? (
          <div className={styles.banner}>
            <RenewNotice email={session.person.email} />
          </div>
        ) : null}
        <div className={styles.screen}>
          <Activity mode={place.screen === 'queue' ? 'visible' : 'hidden'}>
            <ErrorBoundary resetKey="queue">
              <QueueScreen person={session.person} onOpenBatch={(batchId) => go({ screen: 'batch', batchId })} />
            </ErrorBoundary>
          </Activity>
          {place.screen === 'queue' ? null : (
            <ErrorBoundary resetKey={JSON.stringify(place)}>
              <Suspense fallback={<LoadingRows />}>
                <OtherScreen place={place} session={session} onGo={go} onBack={() => navigate('back')} />
              </Suspense>
            </ErrorBoundary>
          )}
        </div>
      </main>
      <StatusBar onGo={go} />
      <CertificateDrop />
      <KeySheet open={sheet === 'keys'} onClose={() => setSheet('none')} />
      <Palette open={sheet === 'palette'} onClose={() => setSheet('none')} />
    </div>
  )
}

function OtherScreen({
  place,
  session,
  onGo,
  onBack,
}: {
  readonly place: Exclude<Place, { screen: 'queue' }>
  readonly session: SignedIn
  readonly onGo: (place: Place) => void
  readonly onBack: () => void
}): ReactNode {
  switch (place.screen) {
    case 'batch':
      return place.batchId === null ? (
        <EmptyState
          title="No batch is open"
          actions={
            <Button variant="primary" onClick={() => onGo({ screen: 'queue' })}>
              Open the queue
            </Button>
          }
        >
          Choose a batch in the queue and press Enter to open it.
        </EmptyState>
      ) : (
        <BatchScreen key={place.batchId} batchId={place.batchId} onBack={onBack} />
      )
    case 'audit':
      return <AuditScreen />
    case 'reports':
      return <ReportsScreen />
    case 'settings':
      return <SettingsScreen session={session} />
    case 'sync':
      return (
        <SyncCenterScreen
          onOpenBatch={(batchId) => onGo({ screen: 'batch', batchId })}
          actions={
            <Suspense fallback={null}>
              <HandoverActions />
            </Suspense>
          }
        />
      )
    default:
      return assertNever(place)
  }
}
