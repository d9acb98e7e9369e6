import type { RequestOf, ResponseOf } from '../../shared/contract/channels.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading, transact } from '../database/database.ts'
import { queryBuilder } from '../database/query-builder.ts'

/** Words that a person began and did not send anywhere; null when there are none under this key. */
export function getDraft(
  { database: { read } }: Pick<CaseContext, 'database'>,
  { key }: RequestOf<'draft.get'>,
): Result<ResponseOf<'draft.get'>> {
  return reading(() => {
    const row = read.first(queryBuilder.selectFrom('draft').select('body').where('key', '=', key))
    return { body: row?.body ?? null }
  })
}

/** Keeps them, or with null forgets them. */
export function setDraft(
  { database, clock }: Pick<CaseContext, 'database' | 'clock'>,
  { key, body }: RequestOf<'draft.set'>,
): Result<ResponseOf<'draft.set'>> {
  const savedAt = clock.now()
  return transact(database, (handle) => {
    if (body === null) handle.run(queryBuilder.deleteFrom('draft').where('key', '=', key))
    else {
      handle.run(
        queryBuilder
          .insertInto('draft')
          .values({ key, body, saved_at: savedAt })
          .onConflict((conflict) => conflict.column('key').doUpdateSet({ body, saved_at: savedAt })),
      )
    }
    return ok({ savedAt })
  })
}
