import { type FunctionEnvironment, getObject, putObject } from '../_shared/database.ts'
import { bytesOfBase64, type FileChange, type OutboxFile } from './read-file.ts'

/** What became of the signed PDF of a certificate that the cloud now holds. */
export interface CertificateFate {
  readonly mutation_id: string
  /** `stored`: it lies in the cloud. `missing`: the file does not hold it. `altered`: other bytes. `failed`: submit the file again. */
  readonly status: 'stored' | 'missing' | 'altered' | 'failed'
}

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  hex(await crypto.subtle.digest('SHA-256', bytes))

const storeOne = async (
  environment: FunctionEnvironment,
  file: OutboxFile,
  change: FileChange,
): Promise<CertificateFate['status']> => {
  const { sha256: digest, object_path: name } = Object(change.payload) as Readonly<Record<string, unknown>>
  if (typeof digest !== 'string' || typeof name !== 'string') return 'missing'
  const encoded = file.attachments.get(digest)
  if (encoded === undefined) {
    // The device itself, or an earlier file, may have brought it.
    const there = await getObject(environment, 'certificates', name)
    return there.ok && (await sha256(there.value)) === digest ? 'stored' : 'missing'
  }
  const bytes = bytesOfBase64(encoded)
  if (bytes === null || (await sha256(bytes)) !== digest) return 'altered'
  const put = await putObject(environment, { bucket: 'certificates', name, bytes, mediaType: 'application/pdf' })
  if (put.ok) return 'stored'
  const there = await getObject(environment, 'certificates', name)
  return there.ok && (await sha256(there.value)) === digest ? 'stored' : 'failed'
}

/**
 * Stores the PDFs of certificates that the database has taken: under the name that the register now holds, never over another file,
 * and only bytes whose SHA-256 the signed change names.
 */
export const storeCertificates = async (
  environment: FunctionEnvironment,
  file: OutboxFile,
  taken: readonly FileChange[],
): Promise<readonly CertificateFate[]> => {
  const fates: CertificateFate[] = []
  for (const change of taken)
    fates.push({ mutation_id: change.mutation_id, status: await storeOne(environment, file, change) })
  return fates
}
