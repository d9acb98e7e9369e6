import { useEffect } from 'react'
import type { Settings } from '../../shared/contract/views.ts'

const darkQuery = '(prefers-color-scheme: dark)'

/** Puts the theme on the document; `system` is resolved to what the operating system says now. */
export function applyTheme(theme: Settings['theme']): void {
  const dark = theme === 'dark' || (theme === 'system' && window.matchMedia(darkQuery).matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
}

/** Keeps the document in the chosen theme and follows the operating system where it is asked to. */
export function useTheme(theme: Settings['theme']): void {
  useEffect(() => {
    applyTheme(theme)
    const query = window.matchMedia(darkQuery)
    const follow = () => applyTheme(theme)
    query.addEventListener('change', follow)
    return () => query.removeEventListener('change', follow)
  }, [theme])
}
