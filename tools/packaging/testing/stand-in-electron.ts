import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Platforms that the program is packaged for, by electron-builder's names. */
export type PackagedPlatform = 'linux' | 'mac' | 'win'

/** Electron's binary as far as packaging looks at it: the fuses as they are in a download, one more byte on each side. */
const binary = Buffer.concat([
  Buffer.from('.dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 8]),
  Buffer.from('10110001.'),
])

const propertyList = (executable: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>CFBundleExecutable</key><string>${executable}</string></dict></plist>
`

const macHelpers = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'].map((kind) => `Electron Helper${kind}`)

function filesOf(platform: PackagedPlatform): Readonly<Record<string, string | Uint8Array>> {
  const common = { LICENSE: 'MIT', 'LICENSES.chromium.html': '', version: '' }
  if (platform === 'linux')
    return {
      ...common,
      electron: binary,
      'locales/en-US.pak': '',
      'resources/default_app.asar': 'shows Electron itself',
    }
  if (platform === 'win')
    return { ...common, 'electron.exe': binary, 'locales/en-US.pak': '', 'resources/default_app.asar': 'as above' }
  const contents = 'Electron.app/Contents'
  const helpers = macHelpers.flatMap((name) => {
    const folder = `${contents}/Frameworks/${name}.app/Contents`
    return [
      [`${folder}/Info.plist`, propertyList(name)],
      [`${folder}/MacOS/${name}`, ''],
    ]
  })
  return {
    ...common,
    [`${contents}/Info.plist`]: propertyList('Electron'),
    [`${contents}/MacOS/Electron`]: '',
    [`${contents}/Frameworks/Electron Framework.framework/Electron Framework`]: binary,
    [`${contents}/Resources/default_app.asar`]: 'as above',
    ...Object.fromEntries(helpers),
  }
}

/**
 * Writes a folder that stands in for Electron's release of a platform. What is packaged with it cannot run, but it is put together by
 * the same steps as the real one: its files, its fuses, its names.
 */
export function writeStandInElectron(folder: string, platform: PackagedPlatform): void {
  for (const [name, content] of Object.entries(filesOf(platform))) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content, { mode: 0o755 })
  }
}
