/**
 * Chromium aborts a top-level navigation to a scheme it does not know, so a program's `app://bundle/x` is loaded as
 * `https://bundle.app.invalid/x`: a secure origin that no name server answers for. Main sees only the program's addresses.
 */
const schemes = new Set<string>()

/** Makes a scheme of the program known, so that its addresses are translated. */
export const addScheme = (scheme: string): void => void schemes.add(scheme)

/** Forgets a scheme. */
export const removeScheme = (scheme: string): void => void schemes.delete(scheme)

/** `app://bundle/x` -> `https://bundle.app.invalid/x`; other addresses are unchanged. */
export const toBrowserUrl = (url: string): string =>
  url.replace(/^([a-z][a-z0-9+-]*):\/\/([^/?#]+)/i, (whole, scheme: string, host: string) =>
    schemes.has(scheme.toLowerCase()) ? `https://${host}.${scheme.toLowerCase()}.invalid` : whole,
  )

/** `https://bundle.app.invalid/x` -> `app://bundle/x`; other addresses are unchanged. */
export const toProgramUrl = (url: string): string =>
  url.replace(/^https:\/\/([^/?#]+)\.([a-z0-9+-]+)\.invalid(?=[/?#]|$)/, (whole, host: string, scheme: string) =>
    schemes.has(scheme) ? `${scheme}://${host}` : whole,
  )

/** Scheme of an address without the colon, in lower case; an empty string when it has none. */
export const schemeOf = (url: string): string => /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''

/** Origin of one of the program's addresses as Electron's frames give it: `app://bundle`; `null` for an opaque one. */
export function originOf(url: string): string {
  const match = /^([a-z][a-z0-9+-]*):\/\/([^/?#]+)/i.exec(url)
  return match && schemes.has(String(match[1]).toLowerCase())
    ? match[0]
    : URL.canParse(url)
      ? new URL(url).origin
      : 'null'
}
