import type { Pool, PoolClient } from 'pg'
import type { CloudSecrets } from './secrets.ts'
import { looksLikeToken, readToken, type TokenClaims } from './token.ts'

/** Who asks, in terms of the database. */
export interface Caller {
  readonly role: 'anon' | 'authenticated' | 'service_role'
  readonly userId: string | null
  readonly claims: TokenClaims
}

const ANONYMOUS: Caller = { role: 'anon', userId: null, claims: { role: 'anon' } }
const SERVICE: Caller = { role: 'service_role', userId: null, claims: { role: 'service_role' } }

/** Reads the caller from `apikey` and `authorization`, as Supabase's gateway does; text says why there is none. */
export const readCaller = (headers: Headers, secrets: CloudSecrets, now: number): Caller | string => {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (bearer !== undefined && looksLikeToken(bearer)) {
    const claims = readToken(bearer, secrets.jwtSecret, now)
    if (claims === 'expired') return '"exp" claim timestamp check failed'
    if (typeof claims === 'string') return 'signature verification failed'
    if (claims.role !== 'authenticated' || typeof claims.sub !== 'string') return 'the token names no user'
    return { role: 'authenticated', userId: claims.sub, claims }
  }
  const key = headers.get('apikey') ?? bearer
  if (key === undefined || key === secrets.publishableKey) return ANONYMOUS
  return key === secrets.secretKey ? SERVICE : 'Invalid API key'
}

/**
 * Runs `work` in a transaction under the caller's role and claims, so that row level security decides; rolls back when
 * it throws. `setting` adds what a policy may read, such as `storage.operation`.
 */
export const asCaller = async <Value>(
  pool: Pool,
  caller: Caller,
  setting: { readonly name: string; readonly value: string },
  work: (client: PoolClient) => Promise<Value>,
): Promise<Value> => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(
      `select set_config('role', $1, true), set_config('request.jwt.claim.role', $1, true),
         set_config('request.jwt.claim.sub', $2, true), set_config('request.jwt.claims', $3, true),
         set_config($4, $5, true)`,
      [caller.role, caller.userId ?? '', JSON.stringify(caller.claims), setting.name, setting.value],
    )
    const value = await work(client)
    await client.query('commit')
    client.release()
    return value
  } catch (error) {
    // A connection that cannot even roll back is not given to the next caller.
    await client.query('rollback').then(
      () => client.release(),
      (broken: Error) => client.release(broken),
    )
    throw error
  }
}
