import type { OpenedHandover } from '../../shared/contract/handover-views.ts'
import { outboxFileLimits } from '../../shared/domain/outbox-file.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { listOf } from '../database/lists.ts'
import type { HostileReader } from '../platform/hostile/hostile-reader.ts'
import type { ReadOutbox } from '../platform/hostile/messages.ts'
import { readFact } from '../sync/facts.ts'

/**
 * Says what is in an outbox file, without the network. It is read in a child process, because nobody vouches for it. Errors:
 * `file_too_large`; `file_unreadable` for what is no whole outbox file; `file_altered` when its signature does not fit.
 */
export async function openOutboxFile(
  context: CaseContext,
  reader: HostileReader,
  bytes: Uint8Array,
): Promise<Result<OpenedHandover>> {
  if (bytes.byteLength > outboxFileLimits.bytes)
    return fail('file_too_large', 'This file is too large for an outbox file.', 'Choose the file that was handed over.')
  const read = await reader({ kind: 'outbox' }, bytes)
  if (!read.ok || read.value.kind !== 'outbox')
    return fail(
      'file_unreadable',
      'This is not a whole outbox file that this version of the program can read.',
      'Copy it again from where it was made, and update the program if that one is newer.',
      read.ok ? {} : read.error.detail,
    )
  const file = read.value
  if (!file.sound)
    return fail(
      'file_altered',
      'The signature does not fit: this file was altered after it was signed.',
      'Do not rely on it. Ask the person who made it for a new file.',
    )
  return ok(openedView(context, file))
}

function openedView(context: CaseContext, file: ReadOutbox): OpenedHandover {
  const { database, person } = context
  const hashes = new Map(
    database.read
      .all(
        database.build
          .selectFrom('batch')
          .select(['id', 'batch_hash'])
          .where('id', 'in', listOf([...new Set(file.changes.map(({ batchId }) => batchId))])),
      )
      .map(({ id, batch_hash }) => [id, batch_hash]),
  )
  const ofMyself = file.personId === person.id
  const { fingerprint, personName, personEmail, deviceName, cloudName, cloudUrl, madeAt, attachments } = file
  return {
    fingerprint,
    personName,
    personEmail,
    ofMyself,
    deviceName,
    cloudName,
    cloudUrl,
    sameCloud: file.serverEpoch === readFact(database.read, database, 'sync.server_epoch'),
    madeAt,
    certificates: attachments,
    changes: file.changes.map((change) => ({ ...change, batchHash: hashes.get(change.batchId) ?? null })),
    refusal:
      ofMyself || person.grants.includes('compliance')
        ? null
        : fail(
            'not_allowed',
            'This file holds the changes of another person.',
            'Give it to that person, or to the compliance desk.',
          ).error,
  }
}
