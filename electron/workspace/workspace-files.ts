import type { Sha256 } from '../../shared/domain/ids.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import type { Clock } from '../platform/clock.ts'
import { readRange } from '../platform/vault/read-range.ts'
import type { Vault } from '../platform/vault/vault.ts'
import type { SyncEngine } from '../sync/sync-engine-options.ts'

/** The files of a workspace: evidence from the cloud and certificates made here, by their SHA-256. */
export interface WorkspaceFiles {
  /** Brings the file here unless it is. `offline`, `file_missing`, `file_altered`. */
  readonly ensure: (sha256: Sha256) => Promise<Result<{ readonly byteSize: number }>>
  /** All bytes of a file that is here. `file_missing`, `file_altered`. */
  readonly read: (sha256: Sha256) => Promise<Result<Uint8Array>>
  /** Bytes `start` up to but not including `end` of a file that is here. */
  readonly readRange: (sha256: Sha256, start: number, end: number) => Promise<Result<Uint8Array>>
  /** Keeps bytes that were made here; on the disk when the promise is fulfilled. `disk_full`. */
  readonly keep: (sha256: Sha256, bytes: Uint8Array) => Promise<Result<null>>
}

/** More than this is never taken into memory whole. */
const largestInMemory = 256 * 1024 * 1024

/** The files over vault, database and synchronization. */
export function createWorkspaceFiles(parts: {
  readonly vault: Vault
  readonly database: WorkspaceDatabase
  readonly engine: Pick<SyncEngine, 'ensureFile' | 'touchFile'>
  readonly clock: Clock
}): WorkspaceFiles {
  const { vault, database, engine, clock } = parts
  return {
    ensure: engine.ensureFile,
    read: (sha256) => vault.readAll(sha256, largestInMemory),
    async readRange(sha256, start, end) {
      engine.touchFile(sha256)
      return readRange(vault, sha256, start, end)
    },
    async keep(sha256, bytes) {
      const stored = await vault.put(bytes)
      if (!stored.ok) return stored
      if (stored.value !== sha256) return fail('file_altered', 'The bytes are not those of the name they were given.')
      const values = {
        byte_size: bytes.length,
        state: 'present',
        received_bytes: bytes.length,
        last_used_at: clock.now(),
        problem: null,
      }
      database.write((handle) =>
        handle.run(
          database.build
            .insertInto('stored_file')
            .values({ sha256, ...values })
            .onConflict((conflict) => conflict.column('sha256').doUpdateSet(values)),
        ),
      )
      return ok(null)
    },
  }
}
