const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * The header `Veridesk-Signature` of a body: `t=<seconds>,v1=<hex>`, HMAC-SHA256 (RFC 2104) over `<seconds>.<body>`. A
 * receiver computes it again with its secret and refuses what is older than some minutes, so that nothing is replayed.
 */
export const signDelivery = async (secret: string, seconds: number, body: string): Promise<string> => {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  return `t=${seconds},v1=${hex(await crypto.subtle.sign('HMAC', key, encoder.encode(`${seconds}.${body}`)))}`
}
