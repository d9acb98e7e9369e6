import { join } from 'node:path'
import { fixture, type TestWorkspace } from '../database/testing.ts'
import { createHostileReader } from '../platform/hostile/hostile-reader.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { openVault } from '../platform/vault/vault.ts'
import type { EvidenceSource } from './evidence-source.ts'

/** Program of the child process that reads files, from the sources. */
export const hostileChildPath = join(import.meta.dirname, '../worker/hostile-child.ts')

/** Reads files as the program does. */
export const reader = createHostileReader({ childPath: hostileChildPath })

/** Evidence of a test workspace with real bytes in a real vault. */
export interface StoredEvidence {
  readonly source: EvidenceSource
  /** Makes the first file of evidence of the first batch one of these bytes. */
  readonly put: (mediaType: string, bytes: Uint8Array) => Promise<void>
  /** Takes the stored bytes away, as when the disk lost them. */
  readonly lose: () => Promise<void>
}

/** The file that `put` gives its bytes. */
export const evidenceFileId = fixture.evidence(0, 0)

/** A vault beside the database of a workspace. */
export function storeEvidence({ database, folder, keyHex }: TestWorkspace): StoredEvidence {
  const vault = openVault({ directory: join(folder, 'vault'), keyHex })
  let current = sha256Hex('')
  return {
    source: { read: (sha256) => vault.readAll(sha256, 256 * 1024 * 1024) },
    put: async (mediaType, bytes) => {
      current = sha256Hex(bytes)
      const stored = await vault.put(bytes)
      if (!stored.ok) throw new Error(stored.error.message)
      database.write((handle) =>
        handle
          .prepare('update evidence_file set sha256 = ?, byte_size = ?, media_type = ? where id = ?')
          .run(current, bytes.byteLength, mediaType, evidenceFileId),
      )
    },
    lose: () => vault.remove(current),
  }
}
