import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from './clock.ts'

/** Facts of a log line: codes, counts, durations and ids. Never a name, an address, a text that a person wrote, or a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>

/** Where the program notes what it does, for a support engineer. */
export interface Log {
  readonly info: (event: string, fields?: LogFields) => void
  readonly warn: (event: string, fields?: LogFields) => void
  readonly error: (event: string, fields?: LogFields) => void
}

/** A log that keeps nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }

/** How a log file is kept: a file past `maximumBytes` becomes `name.1`, and at most `keptFiles` old ones stay. */
export interface FileLogOptions {
  readonly path: string
  readonly clock: Clock
  readonly maximumBytes?: number
  readonly keptFiles?: number
}

/** Writes one JSON object per line. A disk that takes no line never stops the work: the line is dropped. */
export function openFileLog(options: FileLogOptions): Log {
  const { path, clock, maximumBytes = 2_000_000, keptFiles = 3 } = options
  let size = prepare(path)
  const write = (level: string, event: string, fields?: LogFields): void => {
    const line = `${JSON.stringify({ at: clock.now(), level, event, ...fields })}\n`
    const bytes = Buffer.byteLength(line)
    try {
      if (size > 0 && size + bytes > maximumBytes) {
        rotate(path, keptFiles)
        size = 0
      }
      appendFileSync(path, line)
      size += bytes
    } catch {
      // Logging is a courtesy; a full disk is reported where work would be lost.
    }
  }
  return {
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
  }
}

function prepare(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return existsSync(path) ? statSync(path).size : 0
  } catch {
    return 0
  }
}

function rotate(path: string, keptFiles: number): void {
  rmSync(`${path}.${keptFiles}`, { force: true })
  for (let number = keptFiles - 1; number >= 1; number--) {
    if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`)
  }
  if (keptFiles > 0) renameSync(path, `${path}.1`)
  else rmSync(path, { force: true })
}
