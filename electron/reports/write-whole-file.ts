import { randomUUID } from 'node:crypto'
import { renameSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'

/** What of the file system may fail while bytes are written. */
export interface WritingDisk {
  readonly open: typeof open
}

/** How a file is written. */
export interface WholeFileOptions {
  /** Is given what puts the file in its place, to do with it what must happen together or not at all. */
  readonly commit?: (publish: () => Result<null>) => Result<null>
  readonly disk?: WritingDisk
}

/** What went wrong while a file was written where a person wanted it, by the system's error code. */
function writeFailure(error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? fail('disk_full', 'There is no room left on this disk.', 'Free some space or choose another place.').error
    : fail('not_allowed', 'The file cannot be written there.', 'Choose another folder or file name.', { code }).error
}

/**
 * Writes a file beside its place, flushes it and renames it, so that it is whole or not there, and what was there before stays until
 * then. Errors: `disk_full`, `not_allowed`, those of `commit`.
 */
export async function writeWholeFile(
  path: string,
  bytes: Uint8Array,
  { commit = (publish) => publish(), disk = { open } }: WholeFileOptions = {},
): Promise<Result<null>> {
  const temporary = join(dirname(path), `.${randomUUID()}.part`)
  let published = false
  const publish = (): Result<null> => {
    try {
      renameSync(temporary, path)
      published = true
      return ok(null)
    } catch (error) {
      return { ok: false, error: writeFailure(error) }
    }
  }
  try {
    const file = await disk.open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    await rm(temporary, { force: true })
    return { ok: false, error: writeFailure(error) }
  }
  const result = commit(publish)
  if (!result.ok) await rm(published ? path : temporary, { force: true })
  return result
}
