import type { Connection, Statement } from './connection.ts'

/** Statements that stay prepared. Lists go in as one JSON parameter, so the number of different texts stays small. */
const capacity = 400

/**
 * Prepared statements by their SQL: preparing costs ten times as much as running a point query. The least recently used goes first.
 */
export function createStatementCache(
  connection: Connection,
  setUp: (statement: Statement) => Statement = (statement) => statement,
): (sql: string) => Statement {
  const statements = new Map<string, Statement>()
  return (sql) => {
    const cached = statements.get(sql)
    const statement: Statement = cached ?? setUp(connection.prepare(sql))
    if (cached !== undefined) statements.delete(sql)
    else if (statements.size >= capacity) {
      const oldest = statements.keys().next()
      if (!oldest.done) statements.delete(oldest.value)
    }
    statements.set(sql, statement)
    return statement
  }
}
