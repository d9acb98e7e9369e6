import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runStep } from '../../tasks/run-step.ts'
import { writeNotices } from '../write-notices.ts'
import { type PackagedPlatform, writeStandInElectron } from './stand-in-electron.ts'

/** A packaged program that stands ready in a folder. */
export interface PackedProgram {
  /** Folder that Electron calls `process.resourcesPath`. */
  readonly resources: string
  /** File that carries the fuses. */
  readonly fuseFile: string
}

/**
 * Runs electron-builder with electron-builder.yml up to the folder that installers are made from, without Electron or the network.
 * @param folder an empty folder for what is made.
 * @throws Error with electron-builder's output when it fails.
 */
export async function packProgram(
  repository: string,
  folder: string,
  platform: PackagedPlatform,
  architecture: 'x64' | 'arm64',
): Promise<PackedProgram> {
  const electron = join(folder, 'electron')
  const output = join(folder, 'packed')
  writeStandInElectron(electron, platform)
  writeNotices(repository)
  const overrides = [
    `electronDist=${electron}`,
    `directories.output=${output}`,
    // The stand-in is no Windows executable whose resources could be edited.
    ...(platform === 'win' ? ['win.signAndEditExecutable=false', 'disableAsarIntegrity=true'] : []),
  ]
  const outcome = await runStep(
    'package',
    'electron-builder',
    [
      `--${platform}`,
      `--${architecture}`,
      '--dir',
      '--publish',
      'never',
      '--projectDir',
      repository,
      ...overrides.map((override) => `-c.${override}`),
    ],
    { quiet: true, environment: { CSC_IDENTITY_AUTO_DISCOVERY: 'false' } },
  )
  if (outcome.exitCode !== 0) throw new Error(`electron-builder failed:\n${outcome.output}`)
  const [name] = readdirSync(output).filter((entry) => !entry.endsWith('.yml'))
  if (name === undefined) throw new Error(`electron-builder left nothing in ${output}`)
  const packed = join(output, name)
  if (platform !== 'mac')
    return {
      resources: join(packed, 'resources'),
      fuseFile: join(packed, platform === 'win' ? 'Veridesk.exe' : 'veridesk'),
    }
  const contents = join(packed, 'Veridesk.app', 'Contents')
  return {
    resources: join(contents, 'Resources'),
    fuseFile: join(contents, 'Frameworks', 'Electron Framework.framework', 'Electron Framework'),
  }
}
