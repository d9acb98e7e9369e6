import { z } from 'zod'
import type { CloudProfile } from '../../shared/contract/views.ts'
import type { OrganizationId, PersonId } from '../../shared/domain/ids.ts'
import { grants, type Person } from '../../shared/domain/person.ts'
import type { HandshakeAnswer } from '../cloud/cloud-client.ts'
import type { StoredTokens, TokenStore } from '../cloud/tokens.ts'
import type { WorkspaceDatabase } from '../database/database.ts'

const tokensSchema = z.object({ refreshToken: z.string(), personId: z.string(), email: z.string() })

/** What a workspace knows of its session, in the encrypted database. */
export interface WorkspaceFacts {
  readonly 'session.person': Person
  readonly 'session.cloud': CloudProfile
  readonly 'session.tokens': StoredTokens | null
}

/** A fact of the session, or null. */
export function readSessionFact<Key extends keyof WorkspaceFacts>(
  database: WorkspaceDatabase,
  key: Key,
): WorkspaceFacts[Key] | null {
  const row = database.read.first(database.build.selectFrom('workspace_fact').select('value').where('key', '=', key))
  return row === undefined ? null : (JSON.parse(row.value) as WorkspaceFacts[Key])
}

/** Keeps facts of the session. */
export function writeSessionFacts(database: WorkspaceDatabase, facts: Partial<WorkspaceFacts>): void {
  database.write((handle) => {
    for (const [key, fact] of Object.entries(facts)) {
      const value = JSON.stringify(fact)
      handle.run(
        database.build
          .insertInto('workspace_fact')
          .values({ key, value })
          .onConflict((conflict) => conflict.column('key').doUpdateSet({ value })),
      )
    }
  })
}

/** The tokens of the session in the encrypted database. */
export function databaseTokenStore(database: WorkspaceDatabase): TokenStore {
  return {
    read() {
      const parsed = tokensSchema.safeParse(readSessionFact(database, 'session.tokens'))
      return parsed.success ? parsed.data : null
    },
    write: (tokens) => writeSessionFacts(database, { 'session.tokens': tokens }),
  }
}

/** The person of a handshake. Grants that this program does not know are left out. */
export function personOf({ person }: HandshakeAnswer): Person {
  return {
    id: person.id as string as PersonId,
    name: person.name,
    email: person.email,
    role: person.role,
    subRole: person.sub_role,
    grants: grants.filter((grant) => person.grants.includes(grant)),
    organizationId: person.organization_id as string as OrganizationId | null,
    organizationName: person.organization_name,
  }
}
