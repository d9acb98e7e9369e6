import { basename } from 'node:path'
import canonicalize from 'canonicalize'
import type { WrittenHandover } from '../../shared/contract/handover-views.ts'
import type { CloudProfile } from '../../shared/contract/views.ts'
import { outboxFileExtension, outboxFileLimits } from '../../shared/domain/outbox-file.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { OutboxContent } from '../../shared/wire/outbox-file.ts'
import { type MutationDto, schemaVersion } from '../../shared/wire/sync.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import type { WriteHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { refreshOverlay } from '../outbox/batch-overlay.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { writeWholeFile } from '../reports/write-whole-file.ts'
import { readFact } from '../sync/facts.ts'
import { collectChanges } from './collect-changes.ts'
import { deviceKeyOf } from './device-key.ts'
import { handoverProblem } from './handover-outlook.ts'

/** Where an outbox file comes from, besides the context of every use case. */
export interface HandoverSource {
  readonly vault: Pick<Vault, 'readAll'>
  readonly profile: CloudProfile
  readonly deviceName: string
  readonly programVersion: string
  /** Caps on the file, which tests make small. */
  readonly limits?: { readonly bytes: number; readonly changes: number }
}

/** The name that is offered for an outbox file: whose, and when. */
export const outboxFileName = ({ person, clock }: Pick<CaseContext, 'person' | 'clock'>): string =>
  `${person.email.replaceAll(/[^a-zA-Z0-9.@_-]/g, '_')}-${clock.now().slice(0, 16).replaceAll(':', '')}${outboxFileExtension}`

/**
 * Writes the unsent changes, signed by this device, to a file for somebody else to submit. They stay in the outbox, marked; what was
 * held cannot be taken back any more. Errors: `blocked` when there is nothing or the cloud does not know the key, `stale` when a
 * decision was taken back meanwhile, `disk_full`, `not_allowed`.
 */
export async function writeOutboxFile(
  context: CaseContext,
  source: HandoverSource,
  { onlyNew }: { readonly onlyNew: boolean },
  path: string,
): Promise<Result<WrittenHandover>> {
  const problem = handoverProblem(context)
  if (problem !== null) return { ok: false, error: problem }
  const { database, clock } = context
  const collected = await collectChanges(database, source.vault, onlyNew, source.limits ?? outboxFileLimits)
  const { changes, attachments, missingFiles, left } = collected
  if (changes.length === 0)
    return left === 0
      ? fail('blocked', 'Nothing waits to be sent.', 'There is nothing to hand over.')
      : fail(
          'file_too_large',
          'The next change does not fit into a file.',
          'Connect this computer to a network to send it.',
        )
  const key = deviceKeyOf(database)
  const content = canonicalOf(contentOf(context, source, changes))
  const fingerprint = sha256Hex(content)
  const bytes = Buffer.from(
    canonicalOf({
      format: 'veridesk-outbox',
      version: 1,
      content,
      public_key: key.publicKey,
      signature: key.sign(content),
      attachments,
    }),
  )
  const written = await writeWholeFile(path, bytes, {
    commit: (publish) =>
      transact(database, (handle) => {
        const marked = markHandedOver(handle, changes, clock.now())
        if (!marked.ok) return marked
        appendAuditEvents(handle, context, [
          {
            action: 'outbox.handed_over',
            entity: 'outbox',
            entityId: fingerprint,
            entityLabel: basename(path),
            before: null,
            after: { changes: changes.length, certificates: attachments.length, file_sha256: sha256Hex(bytes) },
          },
        ])
        return publish()
      }),
  })
  if (!written.ok) return written
  return ok({
    path,
    fileName: basename(path),
    fingerprint,
    changes: changes.length,
    certificates: attachments.length,
    missingFiles,
    left,
    byteSize: bytes.byteLength,
  })
}

function canonicalOf(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new Error('An object has a canonical form')
  return text
}

function contentOf(context: CaseContext, source: HandoverSource, changes: readonly MutationDto[]): OutboxContent {
  const { database, person, clock, deviceId, clockOffsetMilliseconds } = context
  const serverEpoch = readFact(database.read, database, 'sync.server_epoch')
  if (serverEpoch === null) throw new Error('A registered key comes from a handshake')
  const offset = clockOffsetMilliseconds ?? readFact(database.read, database, 'sync.clock_offset_ms')
  return {
    format: 'veridesk-outbox',
    version: 1,
    person: { id: person.id, name: person.name, email: person.email },
    organization: { id: person.organizationId, name: person.organizationName },
    device: { id: deviceId, name: source.deviceName.slice(0, 200) },
    cloud: { name: source.profile.name, url: source.profile.url, server_epoch: serverEpoch },
    program_version: source.programVersion,
    schema_version: schemaVersion,
    made_at: clock.now(),
    clock_offset_ms: offset === null ? null : Math.round(offset),
    count: changes.length,
    changes: [...changes],
  }
}

/** Marks what is in the file. A hold ends with it: what somebody else may submit cannot be taken back here. */
function markHandedOver(handle: WriteHandle, changes: readonly MutationDto[], now: string): Result<null> {
  const ids = listOf(changes.map(({ mutation_id }) => mutation_id))
  const gone = handle.first(
    queryBuilder
      .selectFrom('outbox')
      .select('mutation_id')
      .where('mutation_id', 'in', ids)
      .where('state', 'in', ['undone', 'superseded']),
  )
  if (gone !== undefined)
    return fail('stale', 'A change was taken back while the file was written.', 'Hand over again.')
  const rows = handle.all(
    queryBuilder
      .updateTable('outbox')
      .set({ handed_over_at: now })
      .where('mutation_id', 'in', ids)
      .returning('batch_id'),
  )
  handle.run(
    queryBuilder
      .updateTable('outbox')
      .set({ state: 'queued', hold_until: null })
      .where('mutation_id', 'in', ids)
      .where('state', '=', 'held'),
  )
  refreshOverlay(handle, [...new Set(rows.map(({ batch_id }) => batch_id))])
  return ok(null)
}
