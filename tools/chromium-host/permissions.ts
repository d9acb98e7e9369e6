import type { Protocol } from 'devtools-protocol/types/protocol.d.ts'
import type * as Electron from 'electron'
import { toBrowserUrl } from './addresses.ts'
import { connection } from './browser.ts'

type CheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0]
type RequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0]
type Permission = Parameters<NonNullable<RequestHandler>>[1]

/** Chromium's own permissions, by Electron's name for each. */
const permissions: readonly (readonly [Permission, readonly Protocol.Browser.PermissionType[]])[] = [
  ['background-sync', ['backgroundSync']],
  ['clipboard-read', ['clipboardReadWrite']],
  ['clipboard-sanitized-write', ['clipboardSanitizedWrite']],
  ['display-capture', ['displayCapture']],
  ['geolocation', ['geolocation']],
  ['idle-detection', ['idleDetection']],
  ['keyboardLock', ['keyboardLock']],
  ['local-fonts', ['localFonts']],
  ['media', ['audioCapture', 'videoCapture']],
  ['mediaKeySystem', ['protectedMediaIdentifier']],
  ['midi', ['midi']],
  ['midiSysex', ['midiSysex']],
  ['notifications', ['notifications']],
  ['persistent-storage', ['durableStorage']],
  ['pointerLock', ['pointerLock']],
  ['screen-wake-lock', ['wakeLockScreen']],
  ['sensors', ['sensors']],
  ['speaker-selection', ['speakerSelection']],
  ['storage-access', ['storageAccess']],
  ['window-management', ['windowManagement']],
]

let check: CheckHandler = null
let request: RequestHandler = null
let decided = new Set<string>()

/** Refuses every permission to every origin, until the program's handlers grant one to an origin. */
export async function refuseAllPermissions(): Promise<void> {
  await connection.send('Browser.grantPermissions', { permissions: [] })
}

/** For `session.setPermissionCheckHandler`. */
export function setPermissionCheckHandler(handler: CheckHandler): void {
  check = handler
  decided = new Set()
}

/** For `session.setPermissionRequestHandler`. */
export function setPermissionRequestHandler(handler: RequestHandler): void {
  request = handler
  decided = new Set()
}

const requestIsGranted = (contents: Electron.WebContents, permission: Permission, requestingUrl: string) =>
  new Promise<boolean>((resolve) => {
    // Without handlers Electron grants everything; this host refuses, so that a missing handler shows.
    if (!request) return resolve(false)
    request(contents, permission, resolve, { requestingUrl, isMainFrame: true })
  })

/**
 * Asks the program's handlers about each permission an origin could want, before its first page runs, and sets Chromium
 * accordingly: the DevTools protocol has no event for a page that asks. A handler that does not answer grants nothing.
 */
export async function decidePermissions(contents: Electron.WebContents, origin: string, url: string): Promise<void> {
  if (decided.has(origin)) return
  decided.add(origin)
  const asked = permissions.map(async ([permission, types]) => {
    const details = { requestingUrl: url, isMainFrame: true, securityOrigin: origin }
    if (check && !check(contents, permission, origin, details)) return []
    return (await requestIsGranted(contents, permission, url)) ? types : []
  })
  const grant = async () => {
    const granted = (await Promise.all(asked)).flat()
    if (granted.length > 0)
      await connection.send('Browser.grantPermissions', { origin: toBrowserUrl(origin), permissions: granted })
  }
  await Promise.race([grant(), new Promise((resolve) => setTimeout(resolve, 200).unref())])
}
