import { createContext, type ReactNode, useCallback, useContext, useMemo } from 'react'
import type { Settings } from '../../shared/contract/views.ts'
import type { AppError } from '../../shared/result.ts'
import { bridge } from '../bridge.ts'
import { useTheme } from './theme.ts'
import { useChannel, usePutAnswer } from './use-channel.ts'

const defaults: Settings = { theme: 'system', holdSeconds: 30, singleLetterKeys: true, density: 32 }

interface SettingsAccess {
  readonly settings: Settings
  /** Changes some settings; answers with the failure, or null. */
  readonly change: (some: Partial<Settings>) => Promise<AppError | null>
}

const SettingsContext = createContext<SettingsAccess>({ settings: defaults, change: async () => null })

/** Reads the person's settings, applies the theme, and hands both on. */
export function SettingsProvider({ children }: { readonly children: ReactNode }) {
  const answer = useChannel('settings.get', {})
  const put = usePutAnswer()
  const settings = answer.data ?? defaults
  useTheme(settings.theme)
  const change = useCallback(
    async (some: Partial<Settings>) => {
      const result = await bridge.invoke('settings.set', { ...settings, ...some })
      if (result.ok) put('settings.get', {}, result.value)
      return result.ok ? null : result.error
    },
    [settings, put],
  )
  return <SettingsContext value={useMemo(() => ({ settings, change }), [settings, change])}>{children}</SettingsContext>
}

/** The person's settings on this computer, and how to change them. */
export const useSettings = (): SettingsAccess => useContext(SettingsContext)
