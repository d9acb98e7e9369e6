/** What a function reads from its environment, by the names that Supabase gives. */
export type FunctionEnvironment = Readonly<Record<string, string>>

/** Why the database or the storage did not do it. */
export interface CloudFailure {
  readonly ok: false
  /** HTTP status of the answer; 503 where there was none. */
  readonly status: number
  /** The machine's code, such as `not_allowed`; `unavailable` where there was no answer. */
  readonly code: string
  readonly message: string
  /** What to do about it, in plain words. */
  readonly action: string
  /** Seconds after which it would be done, where the answer said so. */
  readonly retryAfter?: number
}

/** An answer of the database or the storage. */
export type CloudAnswer<Value> = { readonly ok: true; readonly value: Value } | CloudFailure

/** In whose name a request is made: the service itself, or a person by their access token. */
export type Bearer = 'service' | { readonly token: string }

const REQUEST_LIMIT_MS = 30_000

const setting = (environment: FunctionEnvironment, name: string): string => {
  const value = environment[name]
  if (value === undefined || value === '') throw new Error(`The function's environment has no ${name}.`)
  return value
}

const credentials = (environment: FunctionEnvironment, bearer: Bearer): Record<string, string> => {
  const key = setting(environment, bearer === 'service' ? 'SUPABASE_SERVICE_ROLE_KEY' : 'SUPABASE_ANON_KEY')
  return { apikey: key, authorization: `Bearer ${bearer === 'service' ? key : bearer.token}` }
}

const textOf = (body: Record<string, unknown>, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = body[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

/** Reads an error of the REST layer or the storage; the functions of the database put their code into `details`. */
const readFailure = (status: number, text: string, retryAfter: string | null): CloudFailure => {
  let body: Record<string, unknown> = {}
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) body = { ...parsed }
  } catch {
    // Not every refusal is JSON: a proxy's page says no more than its status does.
  }
  const raised = typeof body.code === 'string' && /^PT\d{3}$/.test(body.code)
  return {
    ok: false,
    status,
    code: (raised ? textOf(body, 'details') : undefined) ?? textOf(body, 'code', 'error') ?? `http_${status}`,
    message: textOf(body, 'message', 'msg', 'error') ?? `The cloud answered with status ${status}.`,
    action: textOf(body, 'hint') ?? 'Try again later.',
    ...(/^\d{1,9}$/.test(retryAfter ?? '') ? { retryAfter: Number(retryAfter) } : {}),
  }
}

const send = async (
  environment: FunctionEnvironment,
  path: string,
  init: RequestInit,
  limitMs = REQUEST_LIMIT_MS,
): Promise<CloudAnswer<Response>> => {
  try {
    const response = await fetch(`${setting(environment, 'SUPABASE_URL')}${path}`, {
      ...init,
      signal: AbortSignal.timeout(limitMs),
    })
    return response.ok
      ? { ok: true, value: response }
      : readFailure(response.status, await response.text(), response.headers.get('retry-after'))
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error
    return {
      ok: false,
      status: 503,
      code: 'unavailable',
      message: 'The database does not answer.',
      action: 'Try again in a minute.',
    }
  }
}

const readJson = async <Value>(answer: CloudAnswer<Response>): Promise<CloudAnswer<Value>> => {
  if (!answer.ok) return answer
  const text = await answer.value.text()
  // The shape is that of the database's own function or table, which the caller names.
  return { ok: true, value: (text === '' ? null : JSON.parse(text)) as Value }
}

/**
 * Calls a function of the database by the names of its parameters. `Value` is what that function returns.
 * An error raised with `PTnnn` comes back with its code, sentence and hint. It has 30 seconds, or `limitMs`.
 */
export const callRpc = async <Value = unknown>(
  environment: FunctionEnvironment,
  name: string,
  parameters: Readonly<Record<string, unknown>>,
  bearer: Bearer,
  limitMs?: number,
): Promise<CloudAnswer<Value>> =>
  readJson(
    await send(
      environment,
      `/rest/v1/rpc/${name}`,
      {
        method: 'POST',
        headers: { ...credentials(environment, bearer), 'content-type': 'application/json' },
        body: JSON.stringify(parameters),
      },
      limitMs,
    ),
  )

/** Reads rows of a table; `query` is PostgREST's, such as `select=id,status&id=eq.…`. At most 1,000 come back. */
export const selectRows = async <Row>(
  environment: FunctionEnvironment,
  table: string,
  query: string,
  bearer: Bearer,
): Promise<CloudAnswer<readonly Row[]>> =>
  readJson(await send(environment, `/rest/v1/${table}?${query}`, { headers: credentials(environment, bearer) }))

const objectPath = (bucket: string, name: string): string =>
  `/storage/v1/object/${[bucket, ...name.split('/')].map(encodeURIComponent).join('/')}`

/** True for a name that a URL reads as a way to somewhere else (WHATWG URL, dot segments); the storage has none such. */
const leadsElsewhere = (name: string): boolean => name.split('/').some((part) => part === '.' || part === '..')

const noSuchObject: CloudFailure = {
  ok: false,
  status: 404,
  code: 'not_found',
  message: 'The storage has no file of this name.',
  action: 'Check the name.',
}

/** Stores a file with the service's rights. `upsert` replaces one of the same name; else that is refused. */
export const putObject = async (
  environment: FunctionEnvironment,
  file: {
    readonly bucket: string
    readonly name: string
    readonly bytes: Uint8Array<ArrayBuffer>
    readonly mediaType: string
    readonly upsert?: boolean
  },
): Promise<CloudAnswer<null>> => {
  if (leadsElsewhere(file.name)) return noSuchObject
  const answer = await send(environment, objectPath(file.bucket, file.name), {
    method: 'POST',
    headers: {
      ...credentials(environment, 'service'),
      'content-type': file.mediaType,
      'x-upsert': file.upsert === true ? 'true' : 'false',
    },
    body: file.bytes,
  })
  if (!answer.ok) return answer
  await answer.value.body?.cancel()
  return { ok: true, value: null }
}

/** Reads a file with the service's rights. */
export const getObject = async (
  environment: FunctionEnvironment,
  bucket: string,
  name: string,
): Promise<CloudAnswer<Uint8Array<ArrayBuffer>>> => {
  if (leadsElsewhere(name)) return noSuchObject
  const answer = await send(environment, objectPath(bucket, name), { headers: credentials(environment, 'service') })
  return answer.ok ? { ok: true, value: new Uint8Array(await answer.value.arrayBuffer()) } : answer
}
