import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What the command line of the stand-in executable asks for. */
export interface LaunchOptions {
  /** Everything that begins with `--` before the program's path, as Chromium would read it. */
  readonly switches: readonly string[]
  /** Folder with the program's `package.json`, or the working folder when a single file was given. */
  readonly appPath: string
  /** The module to run, absolute. */
  readonly entry: string
  readonly name: string
  readonly version: string
}

interface Manifest {
  readonly main?: string
  readonly name?: string
  readonly productName?: string
  readonly version?: string
}

/**
 * Reads `[switches] <folder or file> [arguments]`.
 * @throws Error when no program is named, or its folder has no package.json.
 */
export function parseLaunchOptions(argumentsGiven: readonly string[]): LaunchOptions {
  const position = argumentsGiven.findIndex((argument) => !argument.startsWith('-'))
  const program = argumentsGiven[position]
  if (program === undefined) throw new Error('Chromium host: usage: electron [switches] <program folder or file>')
  const path = resolve(program)
  const isFolder = statSync(path).isDirectory()
  const manifest: Manifest = isFolder ? JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) : {}
  return {
    switches: argumentsGiven.slice(0, position),
    appPath: isFolder ? path : process.cwd(),
    entry: isFolder ? resolve(path, manifest.main ?? 'index.js') : path,
    name: manifest.productName ?? manifest.name ?? 'Electron',
    version: manifest.version ?? '0.0.0',
  }
}

/** Value of `--name=value` among switches; an empty string for a bare `--name`; undefined when it is absent. */
export function switchValue(switches: readonly string[], name: string): string | undefined {
  const found = switches.find((entry) => entry === `--${name}` || entry.startsWith(`--${name}=`))
  return found?.slice(name.length + 3)
}

/** The command line of this process. */
export const launchOptions: LaunchOptions = parseLaunchOptions(process.argv.slice(2))
