/** How far the time in a signature may be from now, in seconds. */
const WINDOW_SECONDS = 300

const encoder = new TextEncoder()

const keyOf = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])

const bytesOf = (digits: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const covered = (seconds: string, body: string): Uint8Array<ArrayBuffer> => encoder.encode(`${seconds}.${body}`)

/** The signature of a body: `t=<seconds>,v1=<hex>`, HMAC-SHA256 (RFC 2104) over `<seconds>.<body>`. */
export const signMessage = async (secret: string, seconds: number, body: string): Promise<string> => {
  const signed = await crypto.subtle.sign('HMAC', await keyOf(secret), covered(String(seconds), body))
  return `t=${seconds},v1=${Array.from(new Uint8Array(signed), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** What a signature turned out to be; `digest` names this one message, so that it can be known again. */
export type SignatureCheck =
  | { readonly ok: true; readonly digest: string }
  | { readonly ok: false; readonly why: 'malformed' | 'wrong' | 'too_old' }

/**
 * Checks a signature that `signMessage` made. The comparison is `crypto.subtle.verify`, which takes as long for a wrong
 * one as for the right one. Whether a message came before is for the receiver to remember, by its digest.
 */
export const checkMessage = async (
  secret: string,
  signature: string,
  body: string,
  nowSeconds: number,
): Promise<SignatureCheck> => {
  const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature)
  const [seconds, digest] = [parts?.[1], parts?.[2]]
  if (secret === '' || seconds === undefined || digest === undefined) return { ok: false, why: 'malformed' }
  if (!(await crypto.subtle.verify('HMAC', await keyOf(secret), bytesOf(digest), covered(seconds, body))))
    return { ok: false, why: 'wrong' }
  return Math.abs(nowSeconds - Number(seconds)) > WINDOW_SECONDS ? { ok: false, why: 'too_old' } : { ok: true, digest }
}
