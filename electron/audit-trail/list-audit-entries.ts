import { type SqlBool, sql } from 'kysely'
import type { RequestOf, ResponseOf } from '../../shared/contract/channels.ts'
import type { Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import { toAuditEntry } from './audit-entry.ts'

/**
 * Entries, newest first, below the number `before`; `total` counts all that match. The text is looked for in everything that an entry
 * says, each word by itself.
 */
export function listAuditEntries(
  context: Pick<CaseContext, 'database'>,
  { text, action, before, limit }: RequestOf<'audit.list'>,
): Result<ResponseOf<'audit.list'>> {
  const { build, read } = context.database
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  let matching = build.selectFrom('audit_event')
  if (action !== null) matching = matching.where('action', '=', action)
  for (const word of words) matching = matching.where(saysWord(word))
  return reading(() => {
    const counted = read.first(matching.select(({ fn }) => fn.countAll<number>().as('total')))
    const below = before === null ? matching : matching.where('sequence', '<', before)
    const rows = read.all(below.selectAll().orderBy('sequence', 'desc').limit(limit))
    return { entries: rows.map(toAuditEntry), total: counted?.total ?? 0 }
  })
}

const saysWord = (word: string) => {
  const pattern = `%${word.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`
  return sql<SqlBool>`(action || ' ' || entity || ' ' || entity_id || ' ' || coalesce(entity_label, '') || ' ' || actor_name
    || ' ' || at || ' ' || hash || ' ' || coalesce(before, '') || ' ' || coalesce(after, '')) like ${pattern} escape '\\'`
}
