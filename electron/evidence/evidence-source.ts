import type { Sha256 } from '../../shared/domain/ids.ts'
import type { Result } from '../../shared/result.ts'

/** Where the bytes of evidence come from: the vault on this computer, filled from the cloud when there is a network. */
export interface EvidenceSource {
  /**
   * Makes sure that the file is here. Errors: `offline` when it is not and there is no network, `file_missing` when the cloud does
   * not have it, `file_altered` when the bytes do not match.
   */
  readonly ensure: (sha256: Sha256) => Promise<Result<{ readonly byteSize: number }>>
  /** All bytes of a file that is here. Errors: `file_missing`, `file_altered`, `file_too_large`. */
  readonly read: (sha256: Sha256) => Promise<Result<Uint8Array>>
}
