import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { lockDirectory } from './directory-lock.ts'
import { findFreePort } from './free-port.ts'
import { type Cluster, findCluster, makeCluster, removeCluster } from './make-cluster.ts'
import { givenBinaries, type PostgresBinaries, preparePostgresBinaries } from './postgres-binaries.ts'
import { readPostmasterFile } from './postmaster-file.ts'
import { type ServerAccount, serverAccount, spawnAs } from './server-account.ts'
import { findServerLocation } from './server-location.ts'
import { stopOrphan } from './stop-orphan.ts'

/** What `startPostgres` needs. */
export interface StartPostgresOptions {
  /** Absolute path; made on first use and kept between starts. Held exclusively while the server runs. */
  readonly dataDirectory: string
  /** Port on 127.0.0.1; a free one when left out. */
  readonly port?: number
  /** False trades durability for speed (no fsync), for tests whose data nobody keeps. True when left out. */
  readonly durable?: boolean
  /** Remove the database and begin again with an empty one. */
  readonly reset?: boolean
  /** Another server's programs, 15 or newer, in place of the installed package's. A data directory stays with the version that made it. */
  readonly binaries?: PostgresBinaries
  /** Receives a line for each thing a person might want to know. */
  readonly log?: (line: string) => void
}

/** A running PostgreSQL server on loopback: 17, unless other programs were given. */
export interface RunningPostgres {
  /** Of the superuser `postgres` and the database `postgres`. */
  readonly connectionString: string
  readonly port: number
  /** Of the server itself, not of this program. */
  readonly processId: number
  /** Settles when the server has ended, wanted or not. */
  readonly ended: Promise<void>
  /** Ends open sessions, writes everything to disk and frees the data directory. Safe to call twice. */
  stop(): Promise<void>
}

const READY_MS = 60_000
const STOP_MS = 20_000

/** Backends of a server that was killed may need a moment to notice and let go of the shared memory. */
const START_ATTEMPTS = 5

const NOT_DURABLE = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off']

const lastLines = (file: string): string => readFileSync(file, 'utf8').trim().split('\n').slice(-6).join('\n')

const spawnServer = (options: {
  readonly cluster: Cluster
  readonly binaries: PostgresBinaries
  readonly account: ServerAccount | undefined
  readonly port: number
  readonly durable: boolean
  readonly logFile: string
}): ChildProcess => {
  const output = openSync(options.logFile, 'w', 0o600)
  try {
    return spawn(
      options.binaries.postgres,
      [
        '-D',
        options.cluster.directory,
        '-p',
        String(options.port),
        '-c',
        'listen_addresses=127.0.0.1',
        // No socket file: its path may be too long for the system, and loopback with a password is enough.
        '-c',
        'unix_socket_directories=',
        '-c',
        'timezone=UTC',
        '-c',
        'log_timezone=UTC',
        ...(options.durable ? [] : NOT_DURABLE),
      ],
      {
        cwd: options.cluster.directory,
        stdio: ['ignore', output, output],
        windowsHide: true,
        // A session of its own: Ctrl-C in a terminal must reach us first, so that connections close before the server.
        detached: process.platform !== 'win32',
        ...spawnAs(options.account),
      },
    )
  } finally {
    closeSync(output)
  }
}

/** Waits until the server says `ready` in its own `postmaster.pid`, as `pg_ctl` does; false when it ended instead. */
const becomesReady = async (server: ChildProcess, cluster: string): Promise<boolean> => {
  const until = Date.now() + READY_MS
  while (server.exitCode === null && server.signalCode === null && server.pid !== undefined) {
    const facts = readPostmasterFile(cluster)
    if (facts?.processId === server.pid && facts.ready) return true
    if (Date.now() > until) {
      server.kill('SIGKILL')
      throw new Error('The database server did not become ready within a minute.')
    }
    await pause(5)
  }
  return false
}

/**
 * Starts PostgreSQL on 127.0.0.1 with its data in `dataDirectory`, creating it on first use: version 17, or the one whose programs are
 * given or named by `VERIDESK_POSTGRES_BIN`.
 *
 * Throws `DirectoryInUseError` where another process holds the directory. A server left over from a killed program is
 * stopped first, and whatever was committed before the kill is there. Under root the server runs as `nobody`.
 */
export const startPostgres = async (options: StartPostgresOptions): Promise<RunningPostgres> => {
  const dataDirectory = path.resolve(options.dataDirectory)
  const log = options.log ?? (() => {})
  const durable = options.durable ?? true
  const lock = lockDirectory(dataDirectory, 'postgres')
  try {
    const account = serverAccount()
    const location = findServerLocation(dataDirectory, account, log)
    const binaries = options.binaries ?? givenBinaries() ?? preparePostgresBinaries(location, account)
    const former = findCluster(location)
    if (former !== undefined) {
      const { directory, password } = former
      await stopOrphan({ cluster: directory, password, pgCtl: binaries.pgCtl, account, log })
      if (options.reset === true) removeCluster(location)
    }
    const cluster = makeCluster({ location, binaries, account, durable })
    const logFile = path.join(dataDirectory, 'postgres.log')

    for (let attempt = 1; ; attempt += 1) {
      const port = options.port ?? (await findFreePort())
      const server = spawnServer({ cluster, binaries, account, port, durable, logFile })
      const ended = new Promise<void>((resolve) => {
        server.once('exit', () => resolve())
        server.once('error', () => resolve())
      })
      if (await becomesReady(server, cluster.directory)) {
        return supervise({ server, ended, port, cluster, binaries, account, release: lock.release })
      }
      if (attempt === START_ATTEMPTS) {
        throw new Error(`The database server did not start. Its last words, from ${logFile}:\n${lastLines(logFile)}`)
      }
      await pause(200 * attempt)
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

const supervise = (options: {
  readonly server: ChildProcess
  readonly ended: Promise<void>
  readonly port: number
  readonly cluster: Cluster
  readonly binaries: PostgresBinaries
  readonly account: ServerAccount | undefined
  readonly release: () => void
}): RunningPostgres => {
  const { server, ended, port, cluster } = options
  const processId = server.pid
  if (processId === undefined) throw new Error('a server that became ready has a process id')
  const askToStop = (): void => {
    if (process.platform === 'win32') {
      spawnSync(options.binaries.pgCtl, ['stop', '-D', cluster.directory, '-m', 'fast', '-W'], { windowsHide: true })
    } else {
      // SIGINT is the server's "fast" shutdown: sessions end, everything reaches the disk.
      server.kill('SIGINT')
    }
  }
  // A program that ends without stop() takes its server with it.
  process.once('exit', askToStop)
  void ended.then(() => {
    process.removeListener('exit', askToStop)
    options.release()
  })

  let stopping: Promise<void> | undefined
  const stopOnce = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    askToStop()
    const timer = setTimeout(() => server.kill('SIGKILL'), STOP_MS)
    await exited
    clearTimeout(timer)
    await ended
  }
  return {
    connectionString: `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`,
    port,
    processId,
    ended,
    stop: () => {
      stopping ??= stopOnce()
      return stopping
    },
  }
}
