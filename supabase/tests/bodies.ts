import type pg from 'pg'
import { Mirror, readableRows } from './mirror.ts'
import { addPerson, type Cloud, type PersonFacts, type Session } from './support.ts'

/** Makes an organization of a kind and answers with its id. */
export const addOrganizationOfKind = async (owner: pg.Client, name: string, kind: string): Promise<string> => {
  const { rows } = await owner.query<{ id: string }>(
    `insert into public.organizations (name, kind, country) values ($1, $2, 'KE') returning id`,
    [name, kind],
  )
  return rows[0]?.id ?? ''
}

/** Somebody with a connection of their own. */
export interface Member {
  readonly id: string
  readonly session: Session
}

/** Makes a person and signs them in. */
export const addMember = async (cloud: Cloud, facts: PersonFacts): Promise<Member> => {
  const id = await addPerson(cloud.owner, facts)
  return { id, session: await cloud.openAs(id) }
}

/** The scopes that the cloud names at this moment. */
export const scopesOf = async (session: Session): Promise<readonly string[]> => {
  const [row] = await session.query<{ scopes: string[] }>('select private.held_scopes() as scopes')
  return row?.scopes ?? []
}

/** A workstation with all its scopes, as far as the protocol goes: new scopes are fetched, lost ones dropped, others pulled. */
export class Workstation {
  readonly session: Session
  private mirrors = new Map<string, Mirror>()

  constructor(session: Session) {
    this.session = session
  }

  /** Brings every held scope up to date; where one is lost meanwhile, it asks for the list again and goes on. */
  async synchronize(): Promise<void> {
    for (;;)
      try {
        return await this.synchronizeOnce()
      } catch (error) {
        if (!(error instanceof Error && 'detail' in error && error.detail === 'scope_not_held')) throw error
      }
  }

  private async synchronizeOnce(): Promise<void> {
    const kept = new Map<string, Mirror>()
    for (const scope of await scopesOf(this.session)) {
      const known = this.mirrors.get(scope)
      const mirror = known ?? new Mirror(this.session, scope, 20)
      if (known === undefined) await mirror.bootstrap()
      await mirror.pull()
      kept.set(scope, mirror)
    }
    this.mirrors = kept
  }

  /** Every row of all scopes by table and id, with its version. */
  versions(): Record<string, number> {
    const held: Record<string, number> = {}
    for (const mirror of this.mirrors.values()) Object.assign(held, mirror.versions())
    return Object.fromEntries(Object.entries(held).sort())
  }

  /** Counts and sums of versions per scope and table, as the mirror has them and as the cloud says. */
  async digests(): Promise<readonly { readonly own: unknown; readonly cloud: unknown }[]> {
    const answers: { own: unknown; cloud: unknown }[] = []
    for (const [scope, mirror] of this.mirrors) {
      const own: Record<string, { count: number; version_sum: number }> = {}
      for (const [key, { version }] of mirror.rows) {
        const table = key.split('/')[0] ?? ''
        own[table] = { count: (own[table]?.count ?? 0) + 1, version_sum: (own[table]?.version_sum ?? 0) + version }
      }
      const { tables } = await this.session.call<{ tables: unknown }>('sync_digest', { p_scope: scope })
      answers.push({ own: { scope, tables: own }, cloud: { scope, tables } })
    }
    return answers
  }

  /** What the policies let this person read. */
  readable(): Promise<Record<string, number>> {
    return readableRows(this.session)
  }
}
