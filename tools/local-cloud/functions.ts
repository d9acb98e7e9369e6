import { readCaller } from './caller.ts'
import type { CloudSecrets } from './secrets.ts'

/** What a function reads from its environment, by the names Supabase gives it. */
export type FunctionEnvironment = Readonly<Record<string, string>>

/** An edge function: from a request to a response, with the web platform alone. */
export type CloudFunction = (request: Request, environment: FunctionEnvironment) => Response | Promise<Response>

/** An edge function as it is mounted: its module, read at the first call, and whether it is reachable without a user's token. */
export interface MountedFunction {
  readonly load: () => Promise<{ readonly handle: CloudFunction }>
  readonly public?: true
}

/**
 * Answers `/functions/v1/<name>`. The caller's token is checked first, as Supabase does before it runs a function: only
 * a signed-in user or the holder of the secret key comes through, and the function reads who from the same header. A
 * public function, as with `verify_jwt = false`, and a browser's preflight are let through.
 */
export const createFunctionsHandler =
  (options: {
    readonly functions: Readonly<Record<string, CloudFunction | MountedFunction>>
    readonly secrets: CloudSecrets
    readonly environment: () => FunctionEnvironment
    readonly reportDefect: (error: unknown) => void
  }) =>
  async (request: Request): Promise<Response> => {
    const name = new URL(request.url).pathname.split('/')[3] ?? ''
    const mounted = Object.hasOwn(options.functions, name) ? options.functions[name] : undefined
    if (mounted === undefined) {
      return Response.json({ code: 'NOT_FOUND', message: 'Requested function was not found' }, { status: 404 })
    }
    const open = request.method === 'OPTIONS' || (typeof mounted !== 'function' && mounted.public === true)
    if (!open) {
      const caller = readCaller(request.headers, options.secrets, Date.now())
      if (typeof caller === 'string' || caller.role === 'anon') {
        return Response.json({ code: 401, message: 'Invalid JWT' }, { status: 401 })
      }
    }
    try {
      const run = typeof mounted === 'function' ? mounted : (await mounted.load()).handle
      return await run(request, options.environment())
    } catch (error) {
      options.reportDefect(error)
      return Response.json({ code: 'WORKER_ERROR', message: 'Function exited due to an error' }, { status: 500 })
    }
  }
