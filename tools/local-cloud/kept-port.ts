import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const FILE = 'port'

/** The port of the last start, if it is known. */
export const readPort = (dataDirectory: string): number | undefined => {
  try {
    const port = Number.parseInt(readFileSync(path.join(dataDirectory, FILE), 'utf8'), 10)
    return port > 0 && port < 65_536 ? port : undefined
  } catch {
    return undefined
  }
}

/** Remembers the port, so that the cloud has the same address next time. */
export const keepPort = (dataDirectory: string, port: number): void => {
  writeFileSync(path.join(dataDirectory, FILE), `${port}\n`)
}
