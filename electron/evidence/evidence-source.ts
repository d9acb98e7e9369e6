import type { Sha256 } from '../../shared/domain/ids.ts'
import type { Result } from '../../shared/result.ts'

/** Where the bytes of evidence come from once it was opened: the vault on this computer. */
export interface EvidenceSource {
  /** All bytes of a file that is here. Errors: `file_missing`, `file_altered`, `file_too_large`. */
  readonly read: (sha256: Sha256) => Promise<Result<Uint8Array>>
}
