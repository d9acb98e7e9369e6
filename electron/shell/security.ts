import type { App, Session } from 'electron'
import type { Log } from '../platform/log.ts'
import { bundleEntry, bundleOrigin } from './bundle-protocol.ts'
import { placeOf } from './place.ts'

/** Where a page may be: the window's own page, and in development the address of the development server. */
export interface AllowedPlaces {
  /** Set only while developing, e.g. `http://localhost:5173`. */
  readonly developmentOrigin?: string | undefined
}

/** Whether the window may go to this address by itself. Evidence is never shown as a page. */
export function mayNavigateTo(url: string, places: AllowedPlaces = {}): boolean {
  if (places.developmentOrigin !== undefined && placeOf(url) === placeOf(places.developmentOrigin)) return true
  if (placeOf(url) !== bundleOrigin) return false
  const { pathname } = new URL(url)
  return pathname === '' || pathname === '/' || pathname === new URL(bundleEntry).pathname
}

interface Preventable {
  preventDefault(): void
}

/**
 * Shuts what the program does not need, for every page there will ever be: permissions, new windows, navigation away, embedded
 * pages, downloads. Call before the first window is made.
 */
export function applySecurity(app: App, session: Session, log: Log, places: AllowedPlaces = {}): void {
  session.setPermissionCheckHandler(() => false)
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.on('will-download', (event) => {
    log.warn('security.download-refused')
    event.preventDefault()
  })
  app.on('web-contents-created', (_created, contents) => {
    const refuse = (what: string) => (event: Preventable & { readonly url?: string }, given?: unknown) => {
      const url = event.url ?? (typeof given === 'string' ? given : '')
      if (mayNavigateTo(url, places)) return
      event.preventDefault()
      log.warn('security.navigation-refused', { what, place: placeOf(url) })
    }
    contents.on('will-navigate', refuse('page'))
    contents.on('will-redirect', refuse('redirect'))
    contents.on('will-frame-navigate', refuse('frame'))
    contents.on('will-attach-webview', (event) => {
      event.preventDefault()
      log.warn('security.webview-refused')
    })
    contents.setWindowOpenHandler(({ url }) => {
      log.warn('security.window-refused', { place: placeOf(url) })
      return { action: 'deny' }
    })
  })
}
