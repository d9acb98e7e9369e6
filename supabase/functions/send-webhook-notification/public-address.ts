/** Four bytes of an IPv4 address in dotted decimals; null for any other text. */
const readFour = (text: string): readonly number[] | null => {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return null
  const bytes = parts.map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : null
}

/** Eight groups of an IPv6 address, its last two also as IPv4 (RFC 4291, section 2.2); null for any other text. */
const readEight = (text: string): readonly number[] | null => {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const four = tail === null ? null : readFour(tail[2] ?? '')
  if (tail !== null && four === null) return null
  const [a = 0, b = 0, c = 0, d = 0] = four ?? []
  const written = tail === null ? text : `${tail[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  const halves = written.split('::')
  if (halves.length > 2) return null
  const groups = (half: string | undefined): readonly string[] =>
    half === undefined || half === '' ? [] : half.split(':')
  const [before, after] = [groups(halves[0]), groups(halves[1])]
  const left = 8 - before.length - after.length
  if (halves.length === 1 ? left !== 0 : left < 1) return null
  const all = [...before, ...Array.from({ length: halves.length === 1 ? 0 : left }, () => '0'), ...after]
  return all.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? all.map((group) => Number.parseInt(group, 16)) : null
}

type Range = readonly [first: readonly number[], bits: number]

/** Not reachable from everywhere: IANA's IPv4 Special-Purpose Address Registry, multicast and what is reserved. */
const specialFour: readonly Range[] = [
  [[0, 0, 0, 0], 8],
  [[10, 0, 0, 0], 8],
  [[100, 64, 0, 0], 10],
  [[127, 0, 0, 0], 8],
  [[169, 254, 0, 0], 16],
  [[172, 16, 0, 0], 12],
  [[192, 0, 0, 0], 24],
  [[192, 0, 2, 0], 24],
  [[192, 88, 99, 0], 24],
  [[192, 168, 0, 0], 16],
  [[198, 18, 0, 0], 15],
  [[198, 51, 100, 0], 24],
  [[203, 0, 113, 0], 24],
  [[224, 0, 0, 0], 4],
  [[240, 0, 0, 0], 4],
]

/**
 * Within 2000::/3 and yet not reachable from everywhere, or a way to an IPv4 address: protocol assignments with Teredo,
 * documentation, 6to4. Everything outside 2000::/3 is refused: loopback, mapped and translated IPv4 (NAT64), unique
 * local, link-local, multicast (IANA's IPv6 Special-Purpose Address Registry).
 */
const specialEight: readonly Range[] = [
  [[0x2001, 0], 23],
  [[0x2001, 0xdb8], 32],
  [[0x2002, 0], 16],
  [[0x3fff, 0], 20],
]

const isWithin = (parts: readonly number[], [first, bits]: Range, width: number): boolean => {
  for (let left = bits, index = 0; left > 0; left -= width, index += 1) {
    const ignored = Math.max(0, width - left)
    if ((parts[index] ?? 0) >> ignored !== (first[index] ?? 0) >> ignored) return false
  }
  return true
}

/** True for text that is an IP address, without brackets. */
export const isAddress = (text: string): boolean => readFour(text) !== null || readEight(text) !== null

/** True for an IP address of the public internet; false for every other one and for what is no address. */
export const isPublicAddress = (text: string): boolean => {
  const four = readFour(text)
  if (four !== null) return !specialFour.some((range) => isWithin(four, range, 8))
  const eight = readEight(text)
  if (eight === null || !isWithin(eight, [[0x2000], 3], 16)) return false
  return !specialEight.some((range) => isWithin(eight, range, 16))
}

/** True for 127.0.0.0/8 and ::1. */
export const isLoopback = (text: string): boolean => {
  const isLast = readEight(text)?.every((group, index) => group === (index === 7 ? 1 : 0))
  return readFour(text)?.[0] === 127 || isLast === true
}
