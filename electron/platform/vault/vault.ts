import { createHash, hkdfSync } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Sha256 } from '../../../shared/domain/ids.ts'
import { fail, ok, type Result } from '../../../shared/result.ts'
import { type DiskSpace, readDiskSpace } from '../disk-space.ts'
import { isMissing } from './disk-error.ts'
import { type ByteRange, readStoredFile, StoredFileError, storedFileAltered } from './read-file.ts'
import { type FileReceiver, receiveFile, systemDisk, type VaultDisk } from './receive-file.ts'
import { plainSize } from './segment.ts'

/** A store of files named by the SHA-256 of their contents, encrypted on disk with a key that comes from the workspace's. */
export interface Vault {
  /** True when the file is here, whole by its size. Its contents are checked whenever they are read. */
  readonly has: (sha256: Sha256, byteSize: number) => Promise<boolean>
  /** Plaintext size of a file that is here, or null. */
  readonly sizeOf: (sha256: Sha256) => Promise<number | null>
  /** Begins or resumes receiving a file. `file_too_large` above the cap; `blocked` while another receiver has it. */
  readonly receive: (sha256: Sha256, byteSize: number) => Promise<Result<FileReceiver>>
  /** Stores bytes that are here already, and answers with their name. */
  readonly put: (bytes: Uint8Array) => Promise<Result<Sha256>>
  /** The bytes of a file or a range of it as a stream; `file_missing`, `file_altered`. */
  readonly read: (sha256: Sha256, range?: ByteRange | null) => Promise<Result<ReadableStream<Uint8Array>>>
  /** A whole file in memory, up to `limit` bytes; its hash is checked too. */
  readonly readAll: (sha256: Sha256, limit: number) => Promise<Result<Uint8Array>>
  /** Removes a file and what arrived of it. */
  readonly remove: (sha256: Sha256) => Promise<void>
  /** Room on the disk below; null where the system does not say. */
  readonly diskSpace: () => Promise<DiskSpace | null>
  /** Removes parts that nobody went on with for so long. Answers with how many. */
  readonly sweep: (olderThanMilliseconds: number) => Promise<number>
}

/** What a vault is opened with. */
export interface VaultOptions {
  readonly directory: string
  /** The workspace's key, 64 hexadecimal digits. */
  readonly keyHex: string
  /** Largest file that is taken, in bytes. */
  readonly maximumBytes?: number
  readonly disk?: VaultDisk
  /** Told when a stored file turns out not to be what was stored. */
  readonly onAltered?: (sha256: Sha256) => void
}

/** As much as the cloud's own buckets take by a wide margin; a length that a broken register claims fills no disk. */
const defaultMaximumBytes = 2 * 1024 * 1024 * 1024

const namePattern = /^[0-9a-f]{64}$/

/** Opens a vault. The folder is made when the first file arrives. */
export function openVault(options: VaultOptions): Vault {
  const { directory, disk = systemDisk, maximumBytes = defaultMaximumBytes } = options
  const vaultKey = new Uint8Array(
    hkdfSync('sha256', Buffer.from(options.keyHex, 'hex'), new Uint8Array(0), 'veridesk vault 1', 32),
  )
  const receiving = new Set<Sha256>()
  const onAltered = options.onAltered ?? (() => {})
  // Two levels: a folder with a hundred thousand files is slow on every file system.
  const finalPath = (sha256: Sha256) => path.join(directory, sha256.slice(0, 2), sha256)
  const partPath = (sha256: Sha256) => `${finalPath(sha256)}.part`

  const sizeOf: Vault['sizeOf'] = async (sha256) => {
    try {
      return namePattern.test(sha256) ? plainSize((await stat(finalPath(sha256))).size) : null
    } catch {
      return null
    }
  }
  const has: Vault['has'] = async (sha256, byteSize) => (await sizeOf(sha256)) === byteSize
  const read: Vault['read'] = async (sha256, range = null) =>
    namePattern.test(sha256)
      ? readStoredFile({ sha256, range, finalPath: finalPath(sha256), vaultKey, onAltered: () => onAltered(sha256) })
      : fail('invalid_input', 'That is not the name of a file.')

  const receive: Vault['receive'] = async (sha256, byteSize) => {
    if (!namePattern.test(sha256)) return fail('invalid_input', 'That is not the name of a file.')
    if (byteSize > maximumBytes)
      return fail('file_too_large', 'The file is larger than this program keeps.', 'Look at it in the cloud.', {
        byteSize,
        maximumBytes,
      })
    if (receiving.has(sha256)) return fail('blocked', 'The file is arriving already.', 'Wait for it.')
    receiving.add(sha256)
    const receiver = await receiveFile({
      sha256,
      byteSize,
      partPath: partPath(sha256),
      finalPath: finalPath(sha256),
      vaultKey,
      disk,
    })
    if (!receiver.ok) {
      receiving.delete(sha256)
      return receiver
    }
    const release = <Value>(value: Value): Value => {
      receiving.delete(sha256)
      return value
    }
    const { receivedBytes, write, finish, suspend, discard } = receiver.value
    return ok({
      receivedBytes,
      write,
      finish: async () => release(await finish()),
      suspend: async () => release(await suspend()),
      discard: async () => release(await discard()),
    })
  }

  return {
    has,
    sizeOf,
    receive,
    async put(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex') as string as Sha256
      if (await has(sha256, bytes.length)) return ok(sha256)
      const receiver = await receive(sha256, bytes.length)
      if (!receiver.ok) return receiver
      const written = await receiver.value.write(bytes.subarray(receiver.value.receivedBytes()))
      if (!written.ok) {
        await receiver.value.discard().catch(() => {})
        return written
      }
      const finished = await receiver.value.finish()
      return finished.ok ? ok(sha256) : finished
    },
    read,
    async readAll(sha256, limit) {
      const byteSize = await sizeOf(sha256)
      if (byteSize !== null && byteSize > limit)
        return fail('file_too_large', 'The file is too large for this.', undefined, { byteSize, limit })
      const stream = await read(sha256)
      if (!stream.ok) return stream
      try {
        const bytes = new Uint8Array(await new Response(stream.value).arrayBuffer())
        if (createHash('sha256').update(bytes).digest('hex') === sha256) return ok(bytes)
        onAltered(sha256)
        return storedFileAltered()
      } catch (error) {
        if (error instanceof StoredFileError) return { ok: false, error: error.failure }
        throw error
      }
    },
    async remove(sha256) {
      await rm(finalPath(sha256), { force: true })
      if (!receiving.has(sha256)) await rm(partPath(sha256), { force: true })
    },
    diskSpace: () => readDiskSpace(directory),
    sweep: (olderThanMilliseconds) => sweepParts(directory, olderThanMilliseconds, receiving),
  }
}

async function sweepParts(directory: string, olderThan: number, receiving: ReadonlySet<Sha256>): Promise<number> {
  let removed = 0
  for (const folder of await entriesOf(directory)) {
    for (const name of await entriesOf(path.join(directory, folder))) {
      if (!name.endsWith('.part') || receiving.has(name.slice(0, -'.part'.length) as string as Sha256)) continue
      const file = path.join(directory, folder, name)
      const age = Date.now() - (await stat(file)).mtimeMs
      if (age < olderThan) continue
      await rm(file, { force: true })
      removed += 1
    }
  }
  return removed
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (
      isMissing(error) ||
      (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOTDIR')
    )
      return []
    throw error
  }
}
