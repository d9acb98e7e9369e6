import canonicalize from 'canonicalize'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { outboxFileLimits } from '../../shared/domain/outbox-file.ts'
import type { MutationDto } from '../../shared/wire/sync.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import { listOf } from '../database/lists.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { handoverStates } from './handover-outlook.ts'

/** Changes for one outbox file, in their order, with the files that they name. */
export interface CollectedChanges {
  readonly changes: readonly MutationDto[]
  readonly attachments: readonly { readonly sha256: string; readonly bytes: string }[]
  readonly missingFiles: number
  readonly left: number
}

/** The largest PDF of a certificate that the cloud's bucket takes. */
const largestCertificate = 20 * 1024 * 1024

/** Room for everything in the file that is neither a change nor an attachment. */
const frameBytes = 16 * 1024

/**
 * The oldest changes that fit into one file. None is left out between two, because later ones build on earlier ones; a certificate
 * whose PDF is missing here travels without it.
 */
export async function collectChanges(
  database: WorkspaceDatabase,
  vault: Pick<Vault, 'readAll'>,
  onlyNew: boolean,
  limits: { readonly bytes: number; readonly changes: number } = outboxFileLimits,
): Promise<CollectedChanges> {
  const query = database.build.selectFrom('outbox').select(['mutation_id', 'body']).where('state', 'in', handoverStates)
  const rows = database.read.all(
    (onlyNew ? query.where('handed_over_at', 'is', null) : query).orderBy('sequence').limit(limits.changes * 10),
  )
  const uploads = new Map(
    database.read
      .all(
        database.build
          .selectFrom('upload')
          .select(['mutation_id', 'sha256'])
          .where('mutation_id', 'in', listOf(rows.map(({ mutation_id }) => mutation_id))),
      )
      .map(({ mutation_id, sha256 }) => [mutation_id, sha256]),
  )
  const changes: MutationDto[] = []
  const attachments = new Map<string, string>()
  let missingFiles = 0
  let room = limits.bytes - frameBytes
  for (const { mutation_id, body } of rows) {
    const change = JSON.parse(body) as MutationDto
    // As it lies in the file: a text within a text, whose quotes are escaped once more.
    const size = Buffer.byteLength(JSON.stringify(canonicalize(change)))
    const sha256 = uploads.get(mutation_id)
    const file = sha256 === undefined ? null : await vault.readAll(sha256 as string as Sha256, largestCertificate)
    const encoded = file?.ok === true ? Buffer.from(file.value).toString('base64') : null
    room -= size + (encoded === null ? 0 : encoded.length + 100)
    if (room < 0 || changes.length === limits.changes) break
    changes.push(change)
    if (sha256 !== undefined && encoded !== null) attachments.set(sha256, encoded)
    if (file?.ok === false) missingFiles += 1
  }
  return {
    changes,
    attachments: [...attachments].map(([sha256, bytes]) => ({ sha256, bytes })),
    missingFiles,
    left: rows.length - changes.length,
  }
}
