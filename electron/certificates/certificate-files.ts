import type { Sha256 } from '../../shared/domain/ids.ts'
import type { Result } from '../../shared/result.ts'

/** Where signed certificates are kept: the vault on this computer, by their SHA-256. */
export interface CertificateFiles {
  /** On the disk, flushed, when the promise is fulfilled. Error `disk_full`. */
  readonly keep: (sha256: Sha256, bytes: Uint8Array) => Promise<Result<null>>
}
