import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { isAlive, readPostmasterFile } from './postmaster-file.ts'
import { type ServerAccount, spawnAs } from './server-account.ts'

/** How long an abandoned server may take to finish its shutdown before it is stopped without one. */
const SHUTDOWN_MS = 20_000

/**
 * Asks the server on `port` whether it serves this cluster. The password is random per data directory, so only the
 * cluster's own server lets us in. `busy` is a server that is starting or stopping.
 */
const askServer = async (port: number, password: string): Promise<'ours' | 'busy' | 'other'> => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database: 'postgres',
    connectionTimeoutMillis: 2_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return 'ours'
  } catch (error) {
    return error instanceof pg.DatabaseError && error.code === '57P03' ? 'busy' : 'other'
  } finally {
    await client.end().catch(() => {})
  }
}

/** The server removes its `postmaster.pid` as its last act; its process may linger until somebody collects it. */
const waitForEnd = async (cluster: string, processId: number, limitMs: number): Promise<boolean> => {
  const until = Date.now() + limitMs
  while (isAlive(processId) && readPostmasterFile(cluster)?.processId === processId) {
    if (Date.now() > until) return false
    await pause(20)
  }
  return true
}

/**
 * Stops a server that outlived the program which started it (`kill -9` of the parent leaves it running), so that the
 * next start finds the cluster free. A `postmaster.pid` whose process is some other program is removed. The caller holds
 * the directory's lock, so a server found here has no living owner.
 */
export const stopOrphan = async (options: {
  readonly cluster: string
  readonly password: string
  readonly pgCtl: string
  readonly account: ServerAccount | undefined
  readonly log: (line: string) => void
}): Promise<void> => {
  const facts = readPostmasterFile(options.cluster)
  if (facts === undefined || !isAlive(facts.processId)) return
  const until = Date.now() + SHUTDOWN_MS
  let answer = facts.port === null ? 'other' : await askServer(facts.port, options.password)
  while (answer === 'busy' && facts.port !== null && Date.now() < until && isAlive(facts.processId)) {
    await pause(50)
    answer = await askServer(facts.port, options.password)
  }
  if (!isAlive(facts.processId)) return
  if (answer === 'other') {
    rmSync(path.join(options.cluster, 'postmaster.pid'), { force: true })
    return
  }
  options.log(`Stopping a database server that was left running (process ${facts.processId}).`)
  for (const mode of ['fast', 'immediate']) {
    spawnSync(options.pgCtl, ['stop', '-D', options.cluster, '-m', mode, '-W'], {
      cwd: options.cluster,
      stdio: 'ignore',
      ...spawnAs(options.account),
    })
    if (await waitForEnd(options.cluster, facts.processId, SHUTDOWN_MS)) return
  }
  throw new Error(`A database server (process ${facts.processId}) still uses ${options.cluster} and does not stop.`)
}
