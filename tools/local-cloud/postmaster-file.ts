import { readFileSync } from 'node:fs'
import path from 'node:path'

/** What a running server says of itself in `postmaster.pid` (PostgreSQL, "Database File Layout"). */
export interface PostmasterFacts {
  readonly processId: number
  readonly port: number | null
  readonly ready: boolean
}

/** Reads `postmaster.pid` of a cluster; undefined where there is none, or it is half written. */
export const readPostmasterFile = (cluster: string): PostmasterFacts | undefined => {
  let text: string
  try {
    text = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8')
  } catch {
    return undefined
  }
  const lines = text.split('\n')
  const processId = Number.parseInt(lines[0] ?? '', 10)
  if (!Number.isSafeInteger(processId) || processId === 0) return undefined
  const port = Number.parseInt(lines[3] ?? '', 10)
  return {
    // A stand-alone backend writes its id negated.
    processId: Math.abs(processId),
    port: Number.isSafeInteger(port) ? port : null,
    ready: lines[7]?.trim() === 'ready',
  }
}

/** Whether a process with this id exists, ours or anybody's. */
export const isAlive = (processId: number): boolean => {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
