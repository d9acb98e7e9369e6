/**
 * Brings every text in a value to composed form (Unicode NFC), so that `e` with a combining accent becomes the one letter that
 * the fonts have, and turns carriage returns into line feeds. The value must be plain data.
 */
export function normalizeText<Value>(value: Value): Value {
  if (typeof value === 'string') return value.normalize('NFC').replace(/\r\n?/g, '\n') as Value
  if (Array.isArray(value)) return value.map((item) => normalizeText(item)) as Value
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalizeText(item)])) as Value
  }
  return value
}
