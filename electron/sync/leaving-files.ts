import type { Sha256 } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import { unsettledStates } from '../outbox/change-states.ts'
import { rank } from './missing-files.ts'

/** A file that could be removed. */
export interface LeavingFile {
  readonly sha256: Sha256
  readonly byteSize: number
}

/**
 * Files of the vault that could be removed: whole ones that nothing unsent names, of no pinned batch and of no batch with a change
 * whose fate is open. A file that the register does not name may be a certificate just about to be recorded: it stays for a day.
 */
const leaving = ({ build }: WorkspaceDatabase, dayAgo: string) =>
  build
    .selectFrom('stored_file as stored')
    .where('stored.state', '=', 'present')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('upload')
            .select('upload.sequence')
            .whereRef('upload.sha256', '=', 'stored.sha256')
            .where('upload.state', '<>', 'done'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('evidence_file as file')
            .innerJoin('pinned_batch', 'pinned_batch.batch_id', 'file.batch_id')
            .select('file.id')
            .whereRef('file.sha256', '=', 'stored.sha256'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('evidence_file as file')
            .innerJoin('outbox', 'outbox.batch_id', 'file.batch_id')
            .select('file.id')
            .whereRef('file.sha256', '=', 'stored.sha256')
            .where('outbox.state', 'in', unsettledStates),
        ),
      ),
    )
    .where(({ or, exists, selectFrom, eb }) =>
      or([
        eb('stored.last_used_at', '<', dayAgo),
        exists(selectFrom('evidence_file').select('id').whereRef('evidence_file.sha256', '=', 'stored.sha256')),
        exists(selectFrom('certificate').select('id').where('certificate.sha256', '=', eb.ref('stored.sha256'))),
      ]),
    )

/** How many bytes could be removed if all that may leave left. */
export function leavingBytes(database: WorkspaceDatabase, dayAgo: string): number {
  const row = database.read.first(
    leaving(database, dayAgo).select((select) => select.fn.sum<number | null>('stored.byte_size').as('bytes')),
  )
  return Number(row?.bytes ?? 0)
}

/**
 * The next files to leave for one that is needed at `before`: what nobody waits for comes first, then what was used longest ago. A file
 * never leaves for one that is needed later, or two files would push each other out for ever. Null: for one that somebody asked for.
 */
export function nextToLeave(
  database: WorkspaceDatabase,
  options: {
    readonly person: Pick<Person, 'id'>
    readonly before: string | null
    readonly dayAgo: string
    /** Null: all of them. */
    readonly limit: number | null
  },
): readonly LeavingFile[] {
  const { person, before, dayAgo, limit } = options
  const candidates = leaving(database, dayAgo).select((select) => [
    'stored.sha256 as sha256',
    'stored.byte_size as byte_size',
    'stored.last_used_at as last_used_at',
    select.fn
      .coalesce(
        select
          .selectFrom('evidence_file as file')
          .innerJoin('assignment', 'assignment.batch_id', 'file.batch_id')
          .whereRef('file.sha256', '=', 'stored.sha256')
          .where('file.deleted_at', 'is', null)
          .where('assignment.user_id', '=', person.id)
          .where('assignment.ended_at', 'is', null)
          .select((inner) =>
            inner.fn.min<string>(inner.fn.coalesce('assignment.due_at', inner.val<string>(rank.noDueDate))).as('rank'),
          ),
        select.val<string>(rank.unwanted),
      )
      .as('rank'),
  ])
  const rows = database.read.all(
    database.build
      .selectFrom(candidates.as('candidate'))
      .select(['sha256', 'byte_size'])
      .where('rank', '>', before ?? rank.pinned)
      .orderBy((order) => order('rank', '<>', rank.unwanted))
      .orderBy('last_used_at')
      .orderBy('sha256')
      .$if(limit !== null, (query) => query.limit(limit ?? 0)),
  )
  return rows.map((row) => ({ sha256: row.sha256 as string as Sha256, byteSize: row.byte_size }))
}
