import type { Pool } from 'pg'

/** How one function of `public` is called. */
export interface FunctionShape {
  /** Its parameters in order. */
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly required: boolean }[]
  readonly answer: 'nothing' | 'value' | 'set'
}

/** What is known of the functions of `public`, by name; kept until the schema is forgotten. */
export interface FunctionShapes {
  /** Undefined for a name that nothing or more than one function has, and for functions of a kind that ours never are. */
  find(name: string): Promise<FunctionShape | undefined>
  forgetSchema(): void
}

const FIND = `
select prorettype = 'void'::regtype as nothing, proretset as is_set, provariadic <> 0 as variadic,
  array(
    select jsonb_build_object('name', a.name, 'type', format_type(p.proargtypes[a.place - 1], null),
      'required', a.place <= pronargs - pronargdefaults)
    from (
      select n.name, row_number() over (order by n.at) as place
      from unnest(proargnames) with ordinality n (name, at)
      where proargmodes is null or proargmodes[n.at] in ('i', 'b')
    ) a
    order by a.place
  ) as parameters
from pg_proc p
where pronamespace = 'public'::regnamespace and prokind = 'f' and proname = $1`

interface FoundFunction {
  readonly nothing: boolean
  readonly is_set: boolean
  readonly variadic: boolean
  readonly parameters: FunctionShape['parameters']
}

const readShape = (rows: readonly FoundFunction[]): FunctionShape | undefined => {
  const [found, another] = rows
  if (found === undefined || another !== undefined || found.variadic) return undefined
  if (found.parameters.some(({ name }) => name === '')) return undefined
  return { parameters: found.parameters, answer: found.nothing ? 'nothing' : found.is_set ? 'set' : 'value' }
}

/** Looks functions up in the catalogue of a database. */
export const createFunctionShapes = (pool: Pool): FunctionShapes => {
  const known = new Map<string, FunctionShape>()
  return {
    async find(name) {
      const kept = known.get(name)
      if (kept !== undefined) return kept
      const { rows } = await pool.query<FoundFunction>(FIND, [name])
      const shape = readShape(rows)
      if (shape !== undefined) known.set(name, shape)
      return shape
    },
    forgetSchema() {
      known.clear()
    },
  }
}
