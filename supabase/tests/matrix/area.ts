import { type Actor, actors, type World } from './world.ts'

/** What an actor reads of a table: names of rows, `everything` that is there, or `denied` where even asking is refused. */
export type Reading = readonly string[] | 'everything' | 'denied'
export type Readings = Readonly<Record<Actor, Reading>>

/** A table of `public`: the expression that names its rows (`$recycler` stands for that person's id), and who reads which. */
export interface TableRow {
  readonly label: string
  readonly rows: Readings
}

/** How a call of a function ends: `ok`, or the machine code of the refusal. */
export type Ending = string

/** A function of `public` that clients may call: named parameters for a call by this actor, and how it ends for each. */
export interface FunctionRow {
  readonly parameters: (self: string) => Readonly<Record<string, unknown>>
  readonly ends: Readonly<Record<Actor, Ending>>
}

/** Columns that signed-in people write other than by functions. */
export interface WritableColumns {
  readonly insert: readonly string[]
  readonly update: readonly string[]
}

/** A part of the schema and its rows in the matrix. */
export interface Area {
  readonly tables: Readonly<Record<string, TableRow>>
  readonly functions: Readonly<Record<string, FunctionRow>>
  readonly writableColumns: Readonly<Record<string, WritableColumns>>
}

/** Describes a part of the schema for a world that is filled. */
export type DescribeArea = (world: World) => Area

const nobody: Reading = []

/**
 * Readings of a table; whoever is not named reads nothing, anonymous visitors may not even ask, and the service role, which
 * policies do not bind, reads everything.
 */
export const readings = (given: Partial<Record<Actor, Reading>>): Readings => {
  const filled = Object.fromEntries(actors.map((actor) => [actor, given[actor] ?? nobody])) as Record<Actor, Reading>
  return { ...filled, anon: 'denied', service: given.service ?? 'everything' }
}

/** A table that no client may ask for; only the service role does. */
export const deniedToAll: Readings = {
  ...(Object.fromEntries(actors.map((actor) => [actor, 'denied'])) as Record<Actor, Reading>),
  service: 'everything',
}

/** The same rows for everybody who is let in: approved and not suspended. */
export const letIn = (rows: Reading, others: Partial<Record<Actor, Reading>> = {}): Readings =>
  readings({
    recycler: rows,
    buyer: rows,
    field_agent: rows,
    desk_verifier: rows,
    auditor: rows,
    compliance: rows,
    admin: rows,
    other_organization: rows,
    ...others,
  })

/**
 * Endings of a call; whoever is not let in is told so unless named here. The service role, which is nobody in particular, ends like
 * the rest unless named.
 */
export const endings = (rest: Ending, given: Partial<Record<Actor, Ending>> = {}): Readonly<Record<Actor, Ending>> => ({
  ...(Object.fromEntries(actors.map((actor) => [actor, rest])) as Record<Actor, Ending>),
  anon: '42501',
  pending: 'account_pending',
  suspended: 'account_suspended',
  ...given,
})

/** Endings of a function that only the service role may execute. */
export const serviceOnly = (ending: Ending): Readonly<Record<Actor, Ending>> => ({
  ...(Object.fromEntries(actors.map((actor) => [actor, '42501'])) as Record<Actor, Ending>),
  service: ending,
})
