import type * as Electron from 'electron'
import { connection } from './browser.ts'
import { HostEmitter, hostEvent } from './host-emitter.ts'
import { setPermissionCheckHandler, setPermissionRequestHandler } from './permissions.ts'
import { protocol } from './protocol.ts'
import { NotImplementedError, refuseMissing, refuseMissingMembers } from './unsupported.ts'
import { webRequest } from './web-request.ts'

type Implemented = 'clearCache' | 'resolveProxy' | 'setPermissionCheckHandler' | 'setPermissionRequestHandler'

class Session extends HostEmitter implements Pick<Electron.Session, Implemented> {
  readonly protocol = protocol
  readonly webRequest = webRequest
  readonly setPermissionCheckHandler = setPermissionCheckHandler
  readonly setPermissionRequestHandler = setPermissionRequestHandler

  constructor() {
    // Devices are never offered to a page here, so nobody has to be asked to choose one.
    super('session', ['will-download', 'select-hid-device', 'select-serial-port', 'select-usb-device'])
  }

  /** No settings of a desktop are known here; who needs a proxy names it in the environment, which the program reads itself. */
  async resolveProxy(): Promise<string> {
    return 'DIRECT'
  }

  /** Profiles are empty at each start and keep no cache between them; this empties the one in memory. */
  async clearCache(): Promise<void> {
    await connection.send('Storage.clearDataForOrigin', { origin: '*', storageTypes: 'cache_storage,shader_cache' })
  }
}
refuseMissingMembers('session', Session)

const defaultSession = new Session()

/** Downloads are refused by Chromium itself; the program is told of the attempt. */
export async function refuseDownloads(): Promise<void> {
  connection.on('Browser.downloadWillBegin', ({ url, suggestedFilename }) => {
    const item = refuseMissing('downloadItem', { getURL: () => url, getFilename: () => suggestedFilename })
    defaultSession.emit('will-download', hostEvent({}), item, null)
  })
  await connection.send('Browser.setDownloadBehavior', { behavior: 'deny', eventsEnabled: true })
}

/** Stands for Electron's `session`: one profile, the default one. */
export const session = refuseMissing('session', {
  defaultSession,
  fromPartition(partition: string): never {
    throw new NotImplementedError(`session.fromPartition('${partition}')`)
  },
})
