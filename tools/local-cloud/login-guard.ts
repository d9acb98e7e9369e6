import type { Pool } from 'pg'

/** Stands in front of Auth's sign-in by password, as the hook of a Supabase project stands behind it. */
export type LoginGuard = (request: Request, signIn: (request: Request) => Promise<Response>) => Promise<Response>

/** What the schema's functions `login_gate` and `record_login_attempt` answer. */
interface Verdict {
  readonly locked: boolean
  readonly seconds?: number
  readonly message?: string
}

/** Everybody who reaches a cloud on the loopback interface comes from here. */
const ADDRESS = '127.0.0.1'

/** By what is asked for, whatever the path: the layer behind reads `%74oken` as `token` too. */
const isSignIn = (request: Request): boolean =>
  request.method === 'POST' && new URL(request.url).searchParams.getAll('grant_type').includes('password')

const emailOf = (body: string): string | undefined => {
  try {
    const parsed: unknown = JSON.parse(body)
    const email = typeof parsed === 'object' && parsed !== null && 'email' in parsed ? parsed.email : undefined
    return typeof email === 'string' ? email : undefined
  } catch {
    return undefined
  }
}

const refuse = (seconds: number, message: string): Response =>
  Response.json(
    { code: 429, error_code: 'login_locked', msg: message },
    { status: 429, headers: { 'retry-after': String(seconds), 'x-sb-error-code': 'login_locked' } },
  )

/** Seconds in a refusal of the schema's limiter: the error in the form that chooses its headers. */
const secondsToWait = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'PGRST' || !('detail' in error))
    return undefined
  const { headers } = JSON.parse(String(error.detail)) as { headers?: Readonly<Record<string, string>> }
  return Number(headers?.['Retry-After'])
}

const isWrongPassword = async (answer: Response): Promise<boolean> => {
  if (answer.status !== 400) return false
  const body: unknown = await answer.clone().json()
  return typeof body === 'object' && body !== null && 'error_code' in body && body.error_code === 'invalid_credentials'
}

/**
 * Makes the guard over the schema's own functions: an account that is locked does not get as far as the password, and each
 * check of a password is recorded. A schema without those functions is not guarded.
 */
export const createLoginGuard = (pool: Pool): LoginGuard => {
  const ask = async (statement: string, values: readonly unknown[]): Promise<Verdict> => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query("select set_config('request.method', 'POST', true)")
      const { rows } = await client.query<{ verdict: Verdict }>(statement, [...values])
      await client.query('commit')
      return rows[0]?.verdict ?? { locked: false }
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }
  const isGuarded = async (): Promise<boolean> => {
    const { rows } = await pool.query<{ found: boolean }>(
      "select to_regprocedure('public.login_gate(text, text)') is not null as found",
    )
    return rows[0]?.found === true
  }

  return async (request, signIn) => {
    if (!isSignIn(request)) return signIn(request)
    const body = await request.text()
    const again = new Request(request.url, { method: 'POST', headers: request.headers, body })
    const email = emailOf(body)
    if (email === undefined || !(await isGuarded())) return signIn(again)
    try {
      const before = await ask('select public.login_gate($1, $2) as verdict', [email, ADDRESS])
      if (before.locked) return refuse(before.seconds ?? 1, before.message ?? '')
    } catch (error) {
      const seconds = secondsToWait(error)
      if (seconds === undefined) throw error
      return refuse(seconds, 'Too many attempts to sign in. Wait a little.')
    }
    const answer = await signIn(again)
    const valid = answer.status === 200
    if (!valid && !(await isWrongPassword(answer))) return answer
    // Attempts that came at once are judged in turn: the right password does not get through behind the one that locked.
    const after = await ask('select public.record_login_attempt($1, $2, $3) as verdict', [email, ADDRESS, valid])
    return after.locked ? refuse(after.seconds ?? 1, after.message ?? '') : answer
  }
}
