import type { Connection, Statement } from './connection.ts'

/** Statements that stay prepared, at least. Lists go in as one JSON parameter, so the number of different texts stays small. */
const capacity = 200

/**
 * Prepared statements by their SQL: preparing costs ten times as much as running a point query. Two generations: when the younger one
 * is full, the older one goes, with whatever was not asked for since. So that asking for one costs a single look-up: a push of 1,000
 * decisions asks 20,000 times, and putting each last in one map took a tenth of it.
 */
export function createStatementCache(
  connection: Connection,
  setUp: (statement: Statement) => Statement = (statement) => statement,
): (sql: string) => Statement {
  let younger = new Map<string, Statement>()
  let older = new Map<string, Statement>()
  return (sql) => {
    const known = younger.get(sql)
    if (known !== undefined) return known
    const statement = older.get(sql) ?? setUp(connection.prepare(sql))
    if (younger.size >= capacity) {
      older = younger
      younger = new Map()
    }
    younger.set(sql, statement)
    return statement
  }
}
