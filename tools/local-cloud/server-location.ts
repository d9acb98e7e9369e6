import { createHash, randomUUID } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { canEnter, type ServerAccount } from './server-account.ts'

const POINTER_FILE = 'postgres.location'
const OWNER_FILE = 'owner'
const LOCATION = 'veridesk-local-cloud-'

/** `/var/tmp` survives a restart of the machine, which the temporary directory need not. */
const durableTemporaryDirectory = (): string => (existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir())

const outsideLocation = (dataDirectory: string): string => {
  const digest = createHash('sha256').update(realpathSync(dataDirectory)).digest('hex').slice(0, 16)
  return path.join(durableTemporaryDirectory(), `${LOCATION}${digest}`)
}

const readText = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)

/** A folder in a place that everyone can write to is ours only if we made it: not a link, and not somebody else's. */
const makeOwnFolder = (location: string): void => {
  mkdirSync(location, { recursive: true, mode: 0o711 })
  const facts = lstatSync(location)
  if (!facts.isDirectory() || facts.uid !== process.getuid?.()) {
    throw new Error(`${location} belongs to somebody else. Remove it, or choose another data directory.`)
  }
  chmodSync(location, 0o711)
}

/**
 * Removes clusters whose data directory was below the temporary directory and is gone: what a test leaves behind. One
 * that is missing anywhere else may be on a disk that is not mounted now, and its cluster is kept.
 */
const removeAbandoned = (): void => {
  const parent = durableTemporaryDirectory()
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(LOCATION)) continue
    const location = path.join(parent, name)
    if (lstatSync(location, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue
    const dataDirectory = readText(path.join(location, OWNER_FILE))?.split('\n')[0]
    if (dataDirectory?.startsWith(`${realpathSync(os.tmpdir())}${path.sep}`) !== true) continue
    if (!existsSync(dataDirectory)) rmSync(location, { recursive: true, force: true })
  }
}

/**
 * The folder that holds the database cluster (and, where needed, a copy of the server's binaries).
 *
 * It is the data directory itself wherever the server's account can enter it. Below a folder that only root may enter,
 * such as `/root`, it cannot: then it is a folder in `/var/tmp` named after the data directory, which keeps a pointer to
 * it. Both carry one random mark, so that deleting the data directory also abandons the cluster it pointed to.
 */
export const findServerLocation = (
  dataDirectory: string,
  account: ServerAccount | undefined,
  log: (line: string) => void,
): string => {
  mkdirSync(dataDirectory, { recursive: true })
  if (account === undefined) return dataDirectory
  chmodSync(dataDirectory, 0o711)
  const pointer = path.join(dataDirectory, POINTER_FILE)
  const pointed = readText(pointer)
  if (pointed === undefined && canEnter(account, dataDirectory)) return dataDirectory

  const location = outsideLocation(dataDirectory)
  const owner = path.join(location, OWNER_FILE)
  if (existsSync(location)) {
    makeOwnFolder(location)
    if (pointed !== undefined && readText(owner) === pointed) return location
    rmSync(location, { recursive: true, force: true })
  }
  makeOwnFolder(location)
  removeAbandoned()
  const mark = `${realpathSync(dataDirectory)}\n${randomUUID()}\n`
  writeFileSync(owner, mark, { mode: 0o600 })
  writeFileSync(pointer, mark, { mode: 0o600 })
  log(`The database server cannot enter ${dataDirectory}, which only root may; its files are kept in ${location}.`)
  return location
}

/** Where the cluster of a data directory is, without making or changing anything. */
export const readServerLocation = (dataDirectory: string): string => {
  if (!existsSync(path.join(dataDirectory, POINTER_FILE))) return dataDirectory
  return outsideLocation(dataDirectory)
}
