import { CSPProvider } from '@base-ui/react/csp-provider'
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { SignInScreen } from '../features/sign-in/sign-in-screen.tsx'
import { ErrorState } from '../ui/error-state.tsx'
import { TooltipProvider } from '../ui/tooltip.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { KeymapProvider } from './keymap/keymap.tsx'
import { SettingsProvider, useSettings } from './settings.tsx'
import { Shell } from './shell/shell.tsx'
import { ToastProvider } from './toasts.tsx'
import { UndoProvider } from './undo.tsx'
import { useChannel } from './use-channel.ts'
import { ZoneProvider } from './zone.tsx'

/** The whole window. `client` keeps the answers, of which some may be there already. */
export function App({ client }: { readonly client: QueryClient }) {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <TooltipProvider>
          <SettingsProvider>
            <Keys>
              <ToastProvider>
                <ZoneProvider>
                  <ErrorBoundary resetKey="window">
                    <Session />
                  </ErrorBoundary>
                </ZoneProvider>
              </ToastProvider>
            </Keys>
          </SettingsProvider>
        </TooltipProvider>
      </QueryClientProvider>
    </CSPProvider>
  )
}

function Keys({ children }: { readonly children: ReactNode }) {
  const { settings } = useSettings()
  return <KeymapProvider singleLetterKeys={settings.singleLetterKeys}>{children}</KeymapProvider>
}

/** Chooses between sign-in and the desk by who is here. Each person gets a fresh desk. */
function Session() {
  const session = useChannel('session.state', {})
  if (session.error !== null) return <ErrorState error={session.error} onRetry={session.refetch} />
  if (session.data === undefined) return null
  if (session.data.kind !== 'signed_in') return <SignInScreen session={session.data} />
  return (
    <UndoProvider key={session.data.person.id}>
      <Shell session={session.data} />
    </UndoProvider>
  )
}
