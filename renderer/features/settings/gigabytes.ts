const gigabyte = 1_000_000_000

/** Bytes as a person edits them: gigabytes with two places at most. */
export const gigabytesOfBytes = (bytes: number): string => String(Math.round(bytes / (gigabyte / 100)) / 100)

/** Bytes of what a person wrote, with a point or a comma; null when it is no amount. */
export function bytesOfGigabytes(text: string): number | null {
  const trimmed = text.trim().replace(',', '.')
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(trimmed)) return null
  return Math.round(Number(trimmed) * gigabyte)
}
