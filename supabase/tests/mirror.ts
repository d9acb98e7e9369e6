import { mirroredTableNames } from '../../shared/wire/rows.ts'
import { bootstrapPage, pullPage } from '../../shared/wire/sync.ts'
import type { Session } from './support.ts'

interface MirroredEntry {
  readonly version: number
  readonly row: Readonly<Record<string, unknown>>
}

/** The simplest workstation that keeps the protocol: one scope, rows by table and id. */
export class Mirror {
  readonly rows = new Map<string, MirroredEntry>()
  readonly session: Session
  readonly scope: string
  readonly pageSize: number
  cursor: string | null = null
  pages = 0

  constructor(session: Session, scope: string, pageSize: number) {
    this.session = session
    this.scope = scope
    this.pageSize = pageSize
  }

  /** Fetches the whole scope by key; `betweenPages` runs after every page. */
  async bootstrap(betweenPages: () => Promise<void> = async () => {}): Promise<void> {
    this.rows.clear()
    this.cursor = null
    let first: string | null = null
    for (const table of mirroredTableNames) {
      let after: string | null = null
      do {
        const page = bootstrapPage.parse(
          await this.session.call('sync_bootstrap', {
            p_scope: this.scope,
            p_table: table,
            p_after: after,
            p_limit: this.pageSize,
          }),
        )
        first ??= page.snapshot
        for (const row of page.rows) this.put(table, String(row.id), row)
        after = page.next
        await betweenPages()
      } while (after !== null)
    }
    this.cursor = first
  }

  /** Fetches what became visible since; with `stopAfter` pages it breaks off, as a lost connection does, and keeps its cursor. */
  async pull(betweenPages: () => Promise<void> = async () => {}, stopAfter = Number.POSITIVE_INFINITY): Promise<void> {
    let upto: string | null = null
    let after: unknown = null
    for (let count = 0; ; ) {
      const page = pullPage.parse(
        await this.session.call('sync_pull', {
          p_scope: this.scope,
          p_cursor: this.cursor,
          p_upto: upto,
          p_after: after,
          p_limit: this.pageSize,
        }),
      )
      this.pages += 1
      upto = page.upto
      for (const change of page.changes) {
        if (change.op === 'R' || change.row === null) this.rows.delete(`${change.table}/${change.id}`)
        else this.put(change.table, change.id, change.row)
      }
      count += 1
      if (page.next === null) break
      if (count >= stopAfter) return
      after = page.next
      await betweenPages()
    }
    this.cursor = upto
  }

  private put(table: string, id: string, row: Readonly<Record<string, unknown>>): void {
    const key = `${table}/${id}`
    const known = this.rows.get(key)
    const version = Number(row.version)
    if (known === undefined || version >= known.version) this.rows.set(key, { version, row })
  }

  /** Every row by table and id, with its version. */
  versions(): Record<string, number> {
    return Object.fromEntries([...this.rows].map(([key, { version }]) => [key, version] as const).sort())
  }
}

/** What the policies let this person read, by table and id, with versions: what a mirror of all their scopes must equal. */
export const readableRows = async (session: Session): Promise<Record<string, number>> => {
  const rows = await session.query<{ key: string; version: number }>(
    `select tbl || '/' || id as key, (body ->> 'version')::integer as version from private.wire_rows`,
  )
  return Object.fromEntries(rows.map(({ key, version }) => [key, version] as const).sort())
}
