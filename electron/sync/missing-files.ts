import type { Sha256 } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { WorkspaceDatabase } from '../database/database.ts'

/** A file that the register names: where it lies in the cloud, and what it must be. */
export interface NamedFile {
  readonly sha256: Sha256
  readonly bucket: string
  readonly objectPath: string
  readonly byteSize: number
}

/**
 * How soon a file is needed, as text that sorts: pinned comes first, then by due date, then assigned without one, then everything
 * that nobody waits for.
 */
export const rank = { pinned: '', noDueDate: '9999', unwanted: '~' } as const

/** A file that is to be here, and how soon. */
export interface WantedFile extends NamedFile {
  readonly rank: string
}

/** Batches whose evidence is to be here: pinned ones, and those that are assigned to the person. */
export const wantedBatches = ({ build }: Pick<WorkspaceDatabase, 'build'>, person: Pick<Person, 'id'>) =>
  build
    .selectFrom('assignment')
    .select((select) => [
      'assignment.batch_id as batch_id',
      select.fn.coalesce('assignment.due_at', select.val<string>(rank.noDueDate)).as('rank'),
    ])
    .where('assignment.user_id', '=', person.id)
    .where('assignment.ended_at', 'is', null)
    .unionAll(
      build
        .selectFrom('pinned_batch')
        .select((select) => ['pinned_batch.batch_id as batch_id', select.val<string>(rank.pinned).as('rank')]),
    )

const missing = (database: Pick<WorkspaceDatabase, 'build'>, person: Pick<Person, 'id'>) =>
  database.build
    .selectFrom(wantedBatches(database, person).as('wanted'))
    .innerJoin('evidence_file as file', 'file.batch_id', 'wanted.batch_id')
    .leftJoin('stored_file as stored', 'stored.sha256', 'file.sha256')
    .select((select) => [
      'file.sha256 as sha256',
      'file.bucket as bucket',
      'file.object_path as object_path',
      'file.byte_size as byte_size',
      select.fn.min<string>('wanted.rank').as('rank'),
    ])
    .where('file.deleted_at', 'is', null)
    // An altered file is not asked for again and again; opening it tries once more.
    .where((or) => or.or([or('stored.state', 'is', null), or('stored.state', 'in', ['absent', 'partial'])]))
    .groupBy('file.sha256')

/** What is not here though it should be, what is needed first at first; small ones before large ones. */
export function missingFiles(database: WorkspaceDatabase, person: Pick<Person, 'id'>): readonly WantedFile[] {
  return database.read
    .all(missing(database, person).orderBy('rank').orderBy('byte_size'))
    .map((row) => ({ ...toNamedFile(row), rank: row.rank }))
}

/** What is missing for one day. */
export interface MissingOfDay {
  /** The first ten characters of a rank: a date, or one of the ranks that are none. */
  readonly day: string
  readonly files: number
  readonly bytes: number
}

/** The same by the day on which it is due. */
export function missingByDay(database: WorkspaceDatabase, person: Pick<Person, 'id'>): readonly MissingOfDay[] {
  return database.read.all(
    database.build
      .selectFrom(missing(database, person).as('missing'))
      .select((select) => [
        select.fn<string>('substr', ['missing.rank', select.lit(1), select.lit(10)]).as('day'),
        select.fn.countAll<number>().as('files'),
        select.fn.sum<number>('missing.byte_size').as('bytes'),
      ])
      .groupBy('day')
      .orderBy('day'),
  )
}

/** Reads where a file lies out of a row of evidence or of a certificate. */
export const toNamedFile = (row: {
  readonly sha256: string
  readonly bucket: string
  readonly object_path: string
  readonly byte_size: number
}): NamedFile => ({
  sha256: row.sha256 as string as Sha256,
  bucket: row.bucket,
  objectPath: row.object_path,
  byteSize: row.byte_size,
})
