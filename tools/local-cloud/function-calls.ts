import pg from 'pg'
import { type Caller, readCaller } from './caller.ts'
import { createFunctionShapes, type FunctionShape } from './function-shapes.ts'
import { answerFailure } from './rest-errors.ts'
import type { CloudSecrets } from './secrets.ts'

/*
 * Calls of SQL functions by POST, the one part of the REST interface that the workstation lives on. The REST layer makes sixteen trips to
 * the database for one; here it is three, as with PostgREST, and JSON passes through as the database wrote it. What is not an ordinary
 * call by an ordinary caller is left to the REST layer, so that its answers, those to mistakes above all, stay as they are.
 */

/** The REST layer's way to answer. */
type Fetch = (request: Request) => Promise<Response>

/** Function calls of a local cloud. */
export interface FunctionCalls {
  fetch(request: Request): Promise<Response>
  forgetSchema(): void
  close(): Promise<void>
}

const CALL = /^\/rest\/v1\/rpc\/(\w+)$/
const CONNECTIONS = 10
/** As on Supabase. */
const MOST_ROWS = 1000

/** The statement that calls a function with these of its parameters, `$1` being the body; arguments become what PostgREST makes of them. */
const callStatement = (name: string, shape: FunctionShape, given: readonly FunctionShape['parameters'][number][]) => {
  const quote = pg.escapeIdentifier
  const list = given.map((parameter) => `${quote(parameter.name)} => a.${quote(parameter.name)}`).join(', ')
  const call = `public.${quote(name)}(${list})`
  const columns = given.map((parameter) => `${quote(parameter.name)} ${parameter.type}`).join(', ')
  const from = given.length === 0 ? '' : `from json_to_record($1::json) as a (${columns})`
  // Offset 0 keeps the answer apart: what the function says of the response is read after it ran.
  const answer = {
    nothing: `select null::text as body from (select ${call} ${from} offset 0) c`,
    value: `select to_json(c.answer)::text as body from (select ${call} as answer ${from} offset 0) c`,
    set: `select coalesce(json_agg(c.answer), '[]')::text as body from (
      select answer ${from === '' ? 'from' : `${from},`} ${call} as answer limit ${MOST_ROWS}) c`,
  }[shape.answer]
  return `select a.body, current_setting('response.status', true) as status, current_setting('response.headers', true) as headers
          from (${answer} offset 0) a`
}

interface Answer {
  readonly body: string | null
  readonly status: string | null
  readonly headers: string | null
}

const toResponse = ({ body, status, headers }: Answer): Response => {
  const response = new Response(body, {
    status: status === null || status === '' ? (body === null ? 204 : 200) : Number(status),
    headers: body === null ? {} : { 'content-type': 'application/json; charset=utf-8' },
  })
  if (headers !== null && headers !== '') {
    const list: readonly Record<string, string>[] = JSON.parse(headers)
    for (const pair of list) for (const [name, value] of Object.entries(pair)) response.headers.append(name, value)
  }
  return response
}

/** Who asks and with what, for the functions that look at it; one statement of literals, so that it travels with `begin`. */
const settings = (caller: Caller, request: Request, path: string): string => {
  const values = {
    role: caller.role,
    'request.jwt.claim.role': caller.role,
    'request.jwt.claim.sub': caller.userId ?? '',
    'request.jwt.claims': JSON.stringify(caller.claims),
    'request.method': request.method,
    'request.path': path,
    'request.headers': JSON.stringify(Object.fromEntries(request.headers)),
    'response.status': '',
    'response.headers': '',
  }
  const list = Object.entries(values).map(([name, value]) => `set_config('${name}', ${pg.escapeLiteral(value)}, true)`)
  return `select ${list.join(', ')}`
}

const isOrdinary = (request: Request, url: URL, secrets: CloudSecrets): boolean =>
  request.method === 'POST' &&
  [secrets.publishableKey, secrets.secretKey].includes(request.headers.get('apikey') ?? '') &&
  url.search === '' &&
  /^(\*\/\*|application\/json)?$/.test(request.headers.get('accept') ?? '') &&
  /^application\/json\b/.test(request.headers.get('content-type') ?? 'application/json') &&
  (request.headers.get('content-profile') ?? 'public') === 'public' &&
  request.headers.get('prefer') === null

const readArguments = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : undefined
  } catch {
    return undefined
  }
}

/** Answers ordinary calls of SQL functions under the role of their token, and gives every other request to `rest`. */
export const openFunctionCalls = (options: {
  readonly databaseUrl: string
  readonly secrets: CloudSecrets
  readonly rest: Fetch
  readonly reportDefect: (error: unknown) => void
}): FunctionCalls => {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: CONNECTIONS,
    options: '-c search_path="$user",public,extensions',
  })
  pool.on('error', options.reportDefect)
  const shapes = createFunctionShapes(pool)
  /** Names of prepared statements; there are as many as there are ways in which functions are called. */
  const statements = new Map<string, { readonly name: string; readonly text: string }>()

  const statementFor = (name: string, shape: FunctionShape, given: FunctionShape['parameters']) => {
    const key = [name, ...given.map((parameter) => parameter.name)].join(' ')
    const kept = statements.get(key)
    if (kept !== undefined) return kept
    const made = { name: `call ${statements.size}`, text: callStatement(name, shape, given) }
    statements.set(key, made)
    return made
  }

  const call = async (
    caller: Caller,
    request: Request,
    path: string,
    statement: { readonly name: string; readonly text: string },
    values: readonly string[],
  ): Promise<Response> => {
    const client = await pool.connect()
    try {
      await client.query(`begin; ${settings(caller, request, path)}`)
      const { rows } = await client.query<Answer>({ ...statement, values: [...values] })
      await client.query('commit')
      client.release()
      const [answer] = rows
      if (answer === undefined) throw new Error(`${path} gave no row`)
      return toResponse(answer)
    } catch (error) {
      // A connection that cannot even roll back is not given to the next caller.
      await client.query('rollback').then(
        () => client.release(),
        (broken: Error) => client.release(broken),
      )
      throw error
    }
  }

  return {
    async fetch(request) {
      const url = new URL(request.url)
      const name = CALL.exec(url.pathname)?.[1]
      if (name === undefined || !isOrdinary(request, url, options.secrets)) return options.rest(request)
      const text = await request.text()
      const again = (): Promise<Response> =>
        options.rest(new Request(request.url, { method: 'POST', headers: request.headers, body: text }))
      const caller = readCaller(request.headers, options.secrets, Date.now())
      const body = readArguments(text)
      if (typeof caller === 'string' || body === undefined) return again()
      try {
        const shape = await shapes.find(name)
        if (shape === undefined) return again()
        const given = shape.parameters.filter((parameter) => Object.hasOwn(body, parameter.name))
        const isComplete = shape.parameters.every((parameter) => !parameter.required || given.includes(parameter))
        if (!isComplete || given.length !== Object.keys(body).length) return again()
        const statement = statementFor(name, shape, given)
        return await call(caller, request, `/rpc/${name}`, statement, given.length === 0 ? [] : [text])
      } catch (error) {
        return answerFailure(error, caller.role)
      }
    },
    forgetSchema() {
      shapes.forgetSchema()
    },
    close: () => pool.end(),
  }
}
