import { callRpc, type FunctionEnvironment } from '../_shared/database.ts'
import { preflight, refuse, refuseBecause, respond } from '../_shared/respond.ts'

/** A page as `export_with_key` answers. */
interface Page {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
}

const KEY = /^Bearer\s+(vdk_[0-9a-f]{8}_[0-9a-f]{64})$/i

const FORMATS = ['jsonl', 'csv'] as const
type Format = (typeof FORMATS)[number]

const isFormat = (text: string): text is Format => (FORMATS as readonly string[]).includes(text)

/** Where the call comes from, as the platform's gateway says; good for slowing down, not for letting in. */
const addressOf = (request: Request): string =>
  request.headers.get('cf-connecting-ip') ?? request.headers.get('x-forwarded-for')?.split(',')[0]?.trim() ?? ''

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/**
 * A field of comma-separated values (RFC 4180). What a spreadsheet would take for a formula is given an apostrophe, unless it
 * is a number.
 */
export const csvField = (value: unknown): string => {
  const text = textOf(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Rows as comma-separated values with a line of names; every row has the names of the first. */
export const toCsv = (rows: Page['rows']): string => {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names.map(csvField), ...rows.map((row) => names.map((name) => csvField(row[name])))]
  return rows.length === 0 ? '' : `${lines.map((line) => line.join(',')).join('\r\n')}\r\n`
}

/** Rows as one JSON object per line. */
export const toJsonLines = (rows: Page['rows']): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  jsonl: 'application/jsonl; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
}

const notAccepted = (): Response =>
  refuse(
    401,
    'key_refused',
    'This key is not accepted.',
    "Ask the organization's administrator for a key that is in force.",
    {
      'www-authenticate': 'Bearer',
    },
  )

/**
 * A page of a dataset for the holder of a key: `GET exports?dataset=decisions&format=csv&limit=500&cursor=…` with
 * `Authorization: Bearer vdk_…`. JSON lines unless `format=csv`. The next page's cursor is in `x-next-cursor`; there is none
 * after the last page. 401 `key_refused`, 403 `scope_missing`, 404 for an unknown dataset, 429 with `Retry-After`.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  if (request.method !== 'GET')
    return refuse(405, 'method_not_allowed', 'Exports are fetched with GET.', 'Send a GET request.', { allow: 'GET' })
  const counted = await callRpc(environment, 'count_export_call', { p_address: addressOf(request) }, 'service')
  if (!counted.ok) return refuseBecause(counted)
  const key = KEY.exec(request.headers.get('authorization') ?? '')?.[1]?.toLowerCase()
  if (key === undefined) return notAccepted()
  const query = new URL(request.url).searchParams
  const format = query.get('format') ?? 'jsonl'
  const limit = query.get('limit') ?? '500'
  if (!isFormat(format) || !/^\d{1,6}$/.test(limit))
    return refuse(
      400,
      'invalid_request',
      'The request is not understood.',
      'Send format=jsonl or csv and a limit up to 1000.',
    )
  const answer = await callRpc<Page>(
    environment,
    'export_with_key',
    { p_key: key, p_dataset: query.get('dataset'), p_after: query.get('cursor'), p_limit: Number(limit) },
    'service',
  )
  if (!answer.ok) return answer.status === 401 ? notAccepted() : refuseBecause(answer)
  const { rows, next } = answer.value
  return new Response(format === 'csv' ? toCsv(rows) : toJsonLines(rows), {
    headers: {
      ...Object.fromEntries(respond(null).headers),
      'content-type': MEDIA_TYPES[format],
      'access-control-expose-headers': 'x-next-cursor, retry-after',
      ...(next === null ? {} : { 'x-next-cursor': next }),
    },
  })
}
