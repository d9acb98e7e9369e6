/** Scheme and host of an address, `app://bundle`; an empty string for what is no address. `URL.origin` is `null` for own schemes. */
export function placeOf(url: string): string {
  if (!URL.canParse(url)) return ''
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}
