import { open } from 'node:fs/promises'
import type { Sha256 } from '../../../shared/domain/ids.ts'
import { type AppError, fail, ok, type Result } from '../../../shared/result.ts'
import { diskError } from './disk-error.ts'
import {
  type FileSeal,
  headerBytes,
  openSegment,
  overheadBytes,
  plainSize,
  saltOfHeader,
  sealOf,
  segmentBytes,
  segmentLength,
  segmentOffset,
} from './segment.ts'

type Handle = Awaited<ReturnType<typeof open>>

/** Bytes of a file, both ends included, as in an HTTP range. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** What `readFile` is asked for. */
export interface ReadOptions {
  readonly sha256: Sha256
  readonly finalPath: string
  readonly vaultKey: Uint8Array
  /** The whole file when null. */
  readonly range: ByteRange | null
  /** Told once when a segment is not what was sealed. */
  readonly onAltered: () => void
}

/** The error that a stream ends with when the file on disk was changed; `failure` is what to tell the person. */
export class StoredFileError extends Error {
  readonly failure: AppError
  constructor(failure: AppError) {
    super(failure.message)
    this.name = 'StoredFileError'
    this.failure = failure
  }
}

export const storedFileAltered = (): { readonly ok: false; readonly error: AppError } =>
  fail(
    'file_altered',
    'The copy of this file on this computer was changed or is damaged.',
    'It is fetched again when the cloud can be reached.',
  )

/**
 * Bytes of a stored file as a stream, a segment at a time, each checked before a byte of it is handed on. The first segment is read
 * before this answers, so that a missing or altered file is a plain failure; damage further on ends the stream with a `StoredFileError`.
 */
export async function readStoredFile(options: ReadOptions): Promise<Result<ReadableStream<Uint8Array>>> {
  let handle: Handle | null = null
  try {
    handle = await open(options.finalPath, 'r')
    const opened = handle
    const refuse = async (failure: Result<never>): Promise<Result<never>> => {
      await opened.close()
      return failure
    }
    const seal = await readSeal(opened, options)
    if (seal === null) {
      options.onAltered()
      return await refuse(storedFileAltered())
    }
    const first = options.range?.first ?? 0
    const last = options.range?.last ?? seal.byteSize - 1
    if (seal.byteSize === 0) {
      await opened.close()
      return ok(new Blob([]).stream())
    }
    if (first < 0 || last < first || last >= seal.byteSize)
      return await refuse(fail('invalid_input', 'The file does not have these bytes.'))
    const beginning = await readSegment(opened, seal, segmentOf(first))
    if (beginning === null) {
      options.onAltered()
      return await refuse(storedFileAltered())
    }
    return ok(streamSegments(opened, seal, { first, last, beginning, onAltered: options.onAltered }))
  } catch (error) {
    await handle?.close().catch(() => {})
    return { ok: false, error: diskError(error) }
  }
}

const segmentOf = (byte: number): number => Math.floor(byte / segmentBytes)

async function readSeal(handle: Handle, options: ReadOptions): Promise<FileSeal | null> {
  const byteSize = plainSize((await handle.stat()).size)
  if (byteSize === null) return null
  const header = Buffer.alloc(headerBytes)
  await handle.read(header, 0, headerBytes, 0)
  const salt = saltOfHeader(header)
  return salt === null ? null : sealOf(options.vaultKey, salt, options.sha256, byteSize)
}

async function readSegment(handle: Handle, seal: FileSeal, index: number): Promise<Buffer | null> {
  const wanted = segmentLength(seal.byteSize, index) + overheadBytes
  const buffer = Buffer.alloc(wanted)
  const { bytesRead } = await handle.read(buffer, 0, wanted, segmentOffset(index))
  return bytesRead === wanted ? openSegment(seal, index, buffer) : null
}

function streamSegments(
  handle: Handle,
  seal: FileSeal,
  span: { readonly first: number; readonly last: number; readonly beginning: Buffer; readonly onAltered: () => void },
): ReadableStream<Uint8Array> {
  let index = segmentOf(span.first)
  let next: Buffer | null = span.beginning
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (index > segmentOf(span.last)) {
        await handle.close()
        controller.close()
        return
      }
      try {
        const plaintext = next ?? (await readSegment(handle, seal, index))
        next = null
        if (plaintext === null) {
          span.onAltered()
          throw new StoredFileError(storedFileAltered().error)
        }
        const base = index * segmentBytes
        index += 1
        controller.enqueue(
          Uint8Array.from(
            plaintext.subarray(Math.max(0, span.first - base), Math.min(plaintext.length, span.last + 1 - base)),
          ),
        )
      } catch (error) {
        await handle.close().catch(() => {})
        controller.error(error instanceof StoredFileError ? error : new StoredFileError(diskError(error)))
      }
    },
    async cancel() {
      await handle.close().catch(() => {})
    },
  })
}
