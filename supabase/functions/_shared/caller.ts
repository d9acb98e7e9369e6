import type { Bearer, FunctionEnvironment } from './database.ts'

/** Compares without telling by its duration how much was right. */
const equal = (one: string, other: string): boolean => {
  const [left, right] = [new TextEncoder().encode(one), new TextEncoder().encode(other)]
  let difference = left.length ^ right.length
  for (let index = 0; index < left.length; index += 1) difference |= (left[index] ?? 0) ^ (right[index] ?? 0)
  return difference === 0
}

/**
 * In whose name a request comes: the holder of the service key, or a person by the token that is to be passed on to the
 * database, which checks it. Null where neither is given.
 */
export const readBearer = (request: Request, environment: FunctionEnvironment): Bearer | null => {
  const serviceKey = environment.SUPABASE_SERVICE_ROLE_KEY ?? ''
  const isService = (key: string): boolean => serviceKey !== '' && equal(key, serviceKey)
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (token === undefined) return isService(request.headers.get('apikey') ?? '') ? 'service' : null
  if (isService(token)) return 'service'
  return token === environment.SUPABASE_ANON_KEY ? null : { token }
}
