import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'

/** What a cloud's clients and its tokens are checked against; random, one set per data directory. */
export interface CloudSecrets {
  readonly publishableKey: string
  readonly secretKey: string
  readonly jwtSecret: string
}

const FILE = 'secrets.json'

const isSecrets = (value: unknown): value is CloudSecrets =>
  typeof value === 'object' &&
  value !== null &&
  'publishableKey' in value &&
  typeof value.publishableKey === 'string' &&
  'secretKey' in value &&
  typeof value.secretKey === 'string' &&
  'jwtSecret' in value &&
  typeof value.jwtSecret === 'string'

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Writes a file that is there whole or not at all, readable by its owner only. */
const writeWhole = (file: string, text: string): void => {
  const unfinished = `${file}.${process.pid}`
  const handle = openSync(unfinished, 'w', 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(unfinished, file)
}

/** The secrets of a data directory, if it has any yet. Throws where the file is there but does not hold them. */
export const readSecrets = (dataDirectory: string): CloudSecrets | undefined => {
  const file = path.join(dataDirectory, FILE)
  const text = readText(file)
  if (text === undefined) return undefined
  const parsed: unknown = JSON.parse(text)
  if (isSecrets(parsed)) return parsed
  throw new Error(`${file} does not hold the cloud's keys. Start once with --reset to make a new cloud.`)
}

/** The secrets of a data directory, made on first use. */
export const loadSecrets = (dataDirectory: string): CloudSecrets => {
  const found = readSecrets(dataDirectory)
  if (found !== undefined) return found
  const secrets: CloudSecrets = {
    publishableKey: `sb_publishable_${randomBytes(18).toString('base64url')}`,
    secretKey: `sb_secret_${randomBytes(24).toString('base64url')}`,
    jwtSecret: randomBytes(48).toString('base64url'),
  }
  writeWhole(path.join(dataDirectory, FILE), `${JSON.stringify(secrets, null, 2)}\n`)
  return secrets
}
