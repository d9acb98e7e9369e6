import type { Sha256 } from '../../../shared/domain/ids.ts'
import { ok, type Result } from '../../../shared/result.ts'
import { StoredFileError } from './read-file.ts'
import type { Vault } from './vault.ts'

/** Bytes `start` up to but not including `end` of a stored file, in memory; `file_missing`, `file_altered`. */
export async function readRange(
  vault: Pick<Vault, 'read'>,
  sha256: Sha256,
  start: number,
  end: number,
): Promise<Result<Uint8Array>> {
  if (end <= start) return ok(new Uint8Array(0))
  const stream = await vault.read(sha256, { first: start, last: end - 1 })
  if (!stream.ok) return stream
  try {
    return ok(new Uint8Array(await new Response(stream.value).arrayBuffer()))
  } catch (error) {
    if (error instanceof StoredFileError) return { ok: false, error: error.failure }
    throw error
  }
}
