import { createHash } from 'node:crypto'
import { fail, ok, type Result } from '../../shared/result.ts'
import { downloadObject, type ObjectDependencies } from './download-object.ts'
import type { Traffic } from './exchange.ts'

/**
 * Reads back what lies in the cloud under a name and compares it by hash. `conflict` when it is another file, `file_missing` when there
 * is none, and the failures of a download.
 */
export async function compareObject(
  dependencies: ObjectDependencies,
  request: {
    readonly bucket: string
    readonly objectPath: string
    readonly sha256: string
    readonly signal?: AbortSignal | undefined
    readonly traffic?: Traffic | undefined
  },
): Promise<Result<void>> {
  const { bucket, objectPath, sha256, signal, traffic } = request
  const download = await downloadObject(dependencies, { bucket, objectPath, from: 0, signal, traffic })
  if (!download.ok) return download
  const hash = createHash('sha256')
  for await (const chunk of download.value.chunks) hash.update(chunk)
  const failure = download.value.failure()
  if (failure !== null) return { ok: false, error: failure }
  return hash.digest('hex') === sha256
    ? ok(undefined)
    : fail('conflict', 'Another file lies in the cloud under this name.', 'Send the log to support.', { bucket })
}
