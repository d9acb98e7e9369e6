import { createHmac, timingSafeEqual } from 'node:crypto'

/** Claims of a token; `exp` and `iat` in seconds since 1970. */
export type TokenClaims = Readonly<Record<string, unknown>>

/** Why a token is not taken. */
export type TokenFailure = 'malformed' | 'forged' | 'expired'

const signature = (signed: string, secret: string): Buffer => createHmac('sha256', secret).update(signed).digest()

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const decode = (part: string): TokenClaims | undefined => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : undefined
  } catch {
    return undefined
  }
}

/** Signs claims as a JSON Web Token with HMAC-SHA256 (RFC 7519, RFC 7518 section 3.2). */
export const signToken = (claims: TokenClaims, secret: string): string => {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${signed}.${signature(signed, secret).toString('base64url')}`
}

/** Whether text has the shape of a JSON Web Token; an API key has not. */
export const looksLikeToken = (text: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)

/** Reads the claims of a token signed by `signToken` with the same secret, if it is intact and has not expired. */
export const readToken = (token: string, secret: string, now: number): TokenClaims | TokenFailure => {
  const [header, payload, proof] = token.split('.')
  if (header === undefined || payload === undefined || proof === undefined) return 'malformed'
  if (decode(header)?.alg !== 'HS256') return 'forged'
  const expected = signature(`${header}.${payload}`, secret)
  const given = Buffer.from(proof, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged'
  const claims = decode(payload)
  if (claims === undefined) return 'malformed'
  if (typeof claims.exp !== 'number') return 'malformed'
  return claims.exp * 1000 <= now ? 'expired' : claims
}
