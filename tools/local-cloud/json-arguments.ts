import type { Pool } from 'pg'

/** Makes text of every JSON argument that is a bare string in the body of a function call; see `createJsonArguments`. */
export interface JsonArguments {
  prepare(request: Request): Promise<Request>
  forgetSchema(): void
}

const CALL = /^\/rest\/v1\/rpc\/([\w%]+)$/

const FIND = `
select coalesce(array_agg(distinct argument.name), '{}') as names
from pg_proc
join pg_namespace on pg_namespace.oid = pronamespace and nspname = 'public'
cross join lateral unnest(proargnames[1:pronargs], proargtypes::oid[]) as argument(name, type)
where proname = $1 and argument.type in ('json'::regtype, 'jsonb'::regtype)`

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The REST layer hands a function's `jsonb` argument to the database as text: an object as its JSON, a string as it is,
 * so that `"hello"` is refused as bad JSON and `"{}"` becomes an object. Strings for such arguments are encoded once
 * more here, and every JSON value arrives as itself, as it does with PostgREST.
 */
export const createJsonArguments = (pool: Pool): JsonArguments => {
  const known = new Map<string, ReadonlySet<string>>()

  const namesOf = async (name: string): Promise<ReadonlySet<string>> => {
    const found = known.get(name)
    if (found !== undefined) return found
    const { rows } = await pool.query<{ names: string[] }>(FIND, [name])
    const names = new Set(rows[0]?.names)
    known.set(name, names)
    return names
  }

  return {
    async prepare(request) {
      const name = CALL.exec(new URL(request.url).pathname)?.[1]
      if (name === undefined || request.method !== 'POST') return request
      const names = await namesOf(decodeURIComponent(name))
      if (names.size === 0) return request
      const text = await request.text()
      const again = (body: string): Request =>
        new Request(request.url, { method: 'POST', headers: request.headers, body })
      let body: unknown
      try {
        body = JSON.parse(text)
      } catch {
        return again(text)
      }
      if (!isObject(body)) return again(text)
      const strings = Object.entries(body).filter(([key, value]) => names.has(key) && typeof value === 'string')
      if (strings.length === 0) return again(text)
      const encoded = Object.fromEntries(strings.map(([key, value]) => [key, JSON.stringify(value)]))
      return again(JSON.stringify({ ...body, ...encoded }))
    },
    forgetSchema() {
      known.clear()
    },
  }
}
