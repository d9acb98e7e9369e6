import { rmSync } from 'node:fs'
import { join } from 'node:path'

/** What electron-builder tells its hook, as far as it is needed here. */
interface ExtractedElectron {
  readonly appOutDir: string
  readonly electronPlatformName: string
}

/**
 * Hook of electron-builder, after Electron has been unpacked: takes out the program that Electron brings to show itself. electron-builder
 * does so only for an Electron that it fetched itself.
 */
export default function afterExtract({ appOutDir, electronPlatformName }: ExtractedElectron): void {
  const resources =
    electronPlatformName === 'darwin'
      ? join(appOutDir, 'Electron.app', 'Contents', 'Resources')
      : join(appOutDir, 'resources')
  rmSync(join(resources, 'default_app.asar'), { force: true })
}
