import { createHash, type Hash } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Sha256 } from '../../../shared/domain/ids.ts'
import { fail, ok, type Result } from '../../../shared/result.ts'
import { diskError } from './disk-error.ts'
import {
  type FileSeal,
  headerBytes,
  newHeader,
  openSegment,
  overheadBytes,
  saltOfHeader,
  sealedSize,
  sealOf,
  sealSegment,
  segmentBytes,
  segmentCount,
  segmentLength,
  segmentOffset,
} from './segment.ts'

/** The few operations on an open file that receiving needs; a test may put a failing disk behind them. */
export interface VaultDisk {
  readonly open: typeof open
  readonly rename: typeof rename
}

/** The computer's own disk. */
export const systemDisk: VaultDisk = { open, rename }

type Handle = Awaited<ReturnType<typeof open>>

/** A file on its way into the vault. One writer per file; close it by `finish`, `suspend` or `discard`. */
export interface FileReceiver {
  /** Plaintext bytes that are safely here: where to go on. Always whole segments. */
  readonly receivedBytes: () => number
  /** Takes the next bytes. `file_too_large` when more arrive than the file has. */
  readonly write: (chunk: Uint8Array) => Promise<Result<void>>
  /** Checks size and hash, writes all to the disk and puts the file in its place. `file_altered` when it is not the file named. */
  readonly finish: () => Promise<Result<void>>
  /** Keeps the whole segments for a later resume. */
  readonly suspend: () => Promise<void>
  /** Forgets what arrived. */
  readonly discard: () => Promise<void>
}

/** Which file is received, and where its parts lie. */
export interface ReceiveOptions {
  readonly sha256: Sha256
  readonly byteSize: number
  readonly partPath: string
  readonly finalPath: string
  readonly vaultKey: Uint8Array
  readonly disk: VaultDisk
}

const altered = () =>
  fail(
    'file_altered',
    'The file that arrived is not the one the register names.',
    'Ask the recycler to send the evidence again; what arrived was not kept.',
  )

/** Opens a `.part`, new or left by an earlier try, and checks every segment that is there: what does not open is fetched again. */
export async function receiveFile(options: ReceiveOptions): Promise<Result<FileReceiver>> {
  let handle: Handle | null = null
  try {
    await mkdir(path.dirname(options.partPath), { recursive: true, mode: 0o700 })
    handle = await openPart(options)
    const start = await resume(handle, options)
    return ok(createReceiver(handle, start, options))
  } catch (error) {
    await handle?.close().catch(() => {})
    return { ok: false, error: diskError(error) }
  }
}

const openPart = async ({ disk, partPath }: ReceiveOptions): Promise<Handle> => {
  try {
    return await disk.open(partPath, 'r+')
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
      return await disk.open(partPath, 'wx+', 0o600)
    throw error
  }
}

interface Start {
  readonly seal: FileSeal
  readonly segments: number
  readonly hash: Hash
}

async function resume(handle: Handle, options: ReceiveOptions): Promise<Start> {
  const { sha256, byteSize, vaultKey } = options
  const hash = createHash('sha256')
  const header = Buffer.alloc(headerBytes)
  const { bytesRead } = await handle.read(header, 0, headerBytes, 0)
  const salt = saltOfHeader(header.subarray(0, bytesRead))
  if (salt === null) {
    const fresh = newHeader()
    await handle.truncate(0)
    await handle.write(fresh, 0, headerBytes, 0)
    return { seal: sealOf(vaultKey, fresh.subarray(headerBytes - 32), sha256, byteSize), segments: 0, hash }
  }
  const seal = sealOf(vaultKey, Uint8Array.from(salt), sha256, byteSize)
  const buffer = Buffer.alloc(segmentBytes + overheadBytes)
  let segments = 0
  // The last segment is fetched again even when it is whole: `finish` may have failed just there.
  for (; segments < segmentCount(byteSize) - 1; segments += 1) {
    const wanted = segmentLength(byteSize, segments) + overheadBytes
    const { bytesRead: got } = await handle.read(buffer, 0, wanted, segmentOffset(segments))
    const plaintext = got === wanted ? openSegment(seal, segments, buffer.subarray(0, wanted)) : null
    if (plaintext === null) break
    hash.update(plaintext)
  }
  await handle.truncate(segmentOffset(segments))
  return { seal, segments, hash }
}

function createReceiver(handle: Handle, start: Start, options: ReceiveOptions): FileReceiver {
  const { sha256, byteSize, partPath, finalPath, disk } = options
  const { seal, hash } = start
  let segments = start.segments
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let open = true
  const received = () => segments * segmentBytes

  const close = async () => {
    if (!open) return
    open = false
    await handle.close()
  }
  const writeSegment = async (plaintext: Uint8Array) => {
    const sealed = sealSegment(seal, segments, plaintext)
    let written = 0
    while (written < sealed.length) {
      const { bytesWritten } = await handle.write(
        sealed,
        written,
        sealed.length - written,
        segmentOffset(segments) + written,
      )
      written += bytesWritten
    }
    hash.update(plaintext)
    segments += 1
  }
  const drop = async () => {
    await close()
    await rm(partPath, { force: true })
  }

  return {
    receivedBytes: () => Math.min(received(), byteSize),
    async write(chunk) {
      if (received() + pendingBytes + chunk.length > byteSize) {
        await drop()
        return fail(
          'file_too_large',
          'More arrived than the register says the file has.',
          'Ask the recycler to send it again.',
        )
      }
      pending.push(chunk)
      pendingBytes += chunk.length
      if (pendingBytes < segmentBytes) return ok(undefined)
      try {
        const all = Buffer.concat(pending)
        let offset = 0
        for (; all.length - offset >= segmentBytes; offset += segmentBytes)
          await writeSegment(all.subarray(offset, offset + segmentBytes))
        pending = offset < all.length ? [all.subarray(offset)] : []
        pendingBytes = all.length - offset
        return ok(undefined)
      } catch (error) {
        return { ok: false, error: diskError(error) }
      }
    },
    async finish() {
      try {
        if (received() + pendingBytes !== byteSize) {
          await close()
          return fail(
            'file_altered',
            'The file ended before it was whole.',
            'It is fetched again from where it stopped.',
          )
        }
        if (pendingBytes > 0) {
          const rest = Buffer.concat(pending)
          pending = []
          pendingBytes = 0
          await writeSegment(rest)
        }
        if (hash.digest('hex') !== sha256) {
          await drop()
          return altered()
        }
        await handle.truncate(sealedSize(byteSize))
        await handle.sync()
        await close()
        await disk.rename(partPath, finalPath)
        // The name of the file in its folder, of that in the vault, and of the vault itself.
        let folder = finalPath
        for (let level = 0; level < 3; level += 1) {
          folder = path.dirname(folder)
          await syncDirectory(folder, disk)
        }
        return ok(undefined)
      } catch (error) {
        await close().catch(() => {})
        return { ok: false, error: diskError(error) }
      }
    },
    async suspend() {
      if (!open) return
      await handle.sync().catch(() => {})
      await close().catch(() => {})
    },
    discard: drop,
  }
}

/** A rename is on the disk when its folder is. Windows has no such call and orders the two by itself. */
async function syncDirectory(directory: string, disk: VaultDisk): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await disk.open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
