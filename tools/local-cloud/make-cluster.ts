import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { majorVersion, type PostgresBinaries } from './postgres-binaries.ts'
import { giveTo, type ServerAccount, spawnAs } from './server-account.ts'

/** A cluster's folder and the password of its superuser, `postgres`. */
export interface Cluster {
  readonly directory: string
  readonly password: string
}

const CLUSTER = 'postgres'
const UNFINISHED = 'postgres.unfinished-'

const passwordFileIn = (location: string): string => path.join(location, 'postgres.password')

/** The cluster in `location`, if there is one. */
export const findCluster = (location: string): Cluster | undefined => {
  const directory = path.join(location, CLUSTER)
  if (!existsSync(directory)) return undefined
  return { directory, password: readFileSync(passwordFileIn(location), 'utf8') }
}

/** Removes the cluster in `location`; it is gone at once, even if removing its files is cut short. */
export const removeCluster = (location: string): void => {
  const removed = path.join(location, `${UNFINISHED}removed-${process.pid}`)
  renameSync(path.join(location, CLUSTER), removed)
  rmSync(removed, { recursive: true, force: true })
}

/**
 * From 17 on the server's own tables decide case and order, so that every machine agrees whatever its locale. Before, the order is
 * that of the bytes and case is the operating system's.
 */
const localeOf = (binaries: PostgresBinaries): readonly string[] =>
  (majorVersion(binaries) ?? 17) >= 17
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C', process.platform === 'linux' ? '--lc-ctype=C.UTF-8' : '--lc-ctype=C']

/** Creates the cluster in `location` on first use, complete or not at all, and reads its password after that. */
export const makeCluster = (options: {
  readonly location: string
  readonly binaries: PostgresBinaries
  readonly account: ServerAccount | undefined
  readonly durable: boolean
}): Cluster => {
  const { location, account } = options
  for (const name of readdirSync(location)) {
    if (name.startsWith(UNFINISHED)) rmSync(path.join(location, name), { recursive: true, force: true })
  }
  const found = findCluster(location)
  if (found !== undefined) return found

  const unfinished = path.join(location, `${UNFINISHED}${process.pid}`)
  const password = randomBytes(24).toString('base64url')
  mkdirSync(unfinished, { mode: 0o700 })
  giveTo(account, unfinished)
  const passwordForServer = path.join(unfinished, 'password')
  writeFileSync(passwordForServer, password, { mode: 0o600 })
  giveTo(account, passwordForServer)

  const made = path.join(unfinished, CLUSTER)
  const attempt = spawnSync(
    options.binaries.initdb,
    [
      '--pgdata',
      made,
      '--username=postgres',
      `--pwfile=${passwordForServer}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      ...localeOf(options.binaries),
      ...(options.durable ? [] : ['--no-sync']),
    ],
    { cwd: unfinished, encoding: 'utf8', windowsHide: true, ...spawnAs(account) },
  )
  if (attempt.status !== 0) {
    const reason = attempt.error?.message ?? `${attempt.stderr}${attempt.stdout}`.trim()
    rmSync(unfinished, { recursive: true, force: true })
    throw new Error(`The database could not be created in ${location}: ${reason}`)
  }
  // The password comes first: a cluster without one could never be opened again.
  const directory = path.join(location, CLUSTER)
  writeFileSync(passwordFileIn(location), password, { mode: 0o600 })
  renameSync(made, directory)
  rmSync(unfinished, { recursive: true, force: true })
  return { directory, password }
}
