import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { StorageError } from './storage-error.ts'

/** Bytes that are on disk but that no row names yet. */
export interface ReceivedFile {
  /** A random UUID, the file's name for ever: the bytes of a version never change. */
  readonly version: string
  readonly size: number
  /** Quoted SHA-256 of the bytes, in hexadecimal. */
  readonly eTag: string
  /** Moves the bytes to their place; call inside the transaction that names them, before its commit. */
  keep(): Promise<void>
  /** Removes the bytes, wherever they are. */
  discard(): Promise<void>
}

/** The bytes of stored objects, one file per version, apart from their names, which live in the database. */
export interface ObjectFiles {
  receive(body: AsyncIterable<Uint8Array>, limit: number): Promise<ReceivedFile>
  copy(version: string): Promise<ReceivedFile>
  /** A stream of the bytes from `start` to `end`, both included. */
  read(version: string, start: number, end: number): ReadableStream<Uint8Array>
  /** Bytes of a version, or undefined where its file is gone. */
  size(version: string): Promise<number | undefined>
  remove(version: string): Promise<void>
  /** Removes half-received files, and versions that `isNamed` does not know; answers with how many. */
  sweep(isNamed: (version: string) => boolean): number
}

const INCOMING = '.incoming'
const VERSION = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** A rename survives a power cut only when its folder is written too; Windows has no such call and needs none. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Opens the object files below `root`, an absolute path, creating it on first use. */
export const openObjectFiles = (root: string): ObjectFiles => {
  const incoming = path.join(root, INCOMING)
  mkdirSync(incoming, { recursive: true, mode: 0o700 })

  const placeOf = (version: string): string => {
    if (!VERSION.test(version)) throw new StorageError('InternalError', 'a version is a UUID')
    return path.join(root, version.slice(0, 2), version)
  }

  const received = (version: string, temporary: string, size: number, eTag: string): ReceivedFile => ({
    version,
    size,
    eTag,
    async keep() {
      const place = placeOf(version)
      await mkdir(path.dirname(place), { recursive: true, mode: 0o700 })
      await rename(temporary, place)
      await syncFolder(path.dirname(place))
    },
    async discard() {
      await rm(temporary, { force: true })
      await rm(placeOf(version), { force: true })
    },
  })

  const receive = async (body: AsyncIterable<Uint8Array>, limit: number): Promise<ReceivedFile> => {
    const version = randomUUID()
    const temporary = path.join(incoming, version)
    const handle = await open(temporary, 'wx', 0o600)
    const digest = createHash('sha256')
    let size = 0
    try {
      for await (const chunk of body) {
        size += chunk.byteLength
        // The rest is read and dropped: a client that is still sending would miss the answer.
        if (size > limit) continue
        digest.update(chunk)
        await handle.writeFile(chunk)
      }
      if (size > limit) throw new StorageError('EntityTooLarge')
      await handle.sync()
      await handle.close()
    } catch (error) {
      await handle.close().catch(() => {})
      await rm(temporary, { force: true })
      throw error
    }
    return received(version, temporary, size, `"${digest.digest('hex')}"`)
  }

  return {
    receive,
    async copy(version) {
      const target = randomUUID()
      const temporary = path.join(incoming, target)
      await copyFile(placeOf(version), temporary)
      const handle = await open(temporary, 'r+')
      await handle.sync()
      await handle.close()
      return received(target, temporary, (await stat(temporary)).size, '')
    },
    read(version, start, end) {
      const stream = createReadStream(placeOf(version), { start, end })
      return Readable.toWeb(stream) as ReadableStream<Uint8Array>
    },
    async size(version) {
      const place = placeOf(version)
      return existsSync(place) ? (await stat(place)).size : undefined
    },
    async remove(version) {
      await rm(placeOf(version), { force: true })
    },
    sweep(isNamed) {
      let removed = 0
      for (const folder of readdirSync(root, { withFileTypes: true })) {
        if (!folder.isDirectory()) continue
        for (const name of readdirSync(path.join(root, folder.name))) {
          if (folder.name !== INCOMING && isNamed(name)) continue
          rmSync(path.join(root, folder.name, name), { force: true })
          removed += 1
        }
      }
      return removed
    },
  }
}
