import path from 'node:path'
import { findCluster } from './make-cluster.ts'
import { isAlive, readPostmasterFile } from './postmaster-file.ts'
import { readServerLocation } from './server-location.ts'

/**
 * A connection string of the owner of the database that runs on a data directory, found by what it left there: port and
 * password. For another process than the one that started it. Undefined where none runs, or it is not ready.
 */
export const findRunningDatabase = (dataDirectory: string): string | undefined => {
  const cluster = findCluster(readServerLocation(path.resolve(dataDirectory)))
  if (cluster === undefined) return undefined
  const facts = readPostmasterFile(cluster.directory)
  if (facts === undefined || !facts.ready || facts.port === null || !isAlive(facts.processId)) return undefined
  return `postgres://postgres:${cluster.password}@127.0.0.1:${facts.port}/postgres`
}
