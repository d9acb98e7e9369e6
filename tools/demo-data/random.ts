import { createHash } from 'node:crypto'

/** A stream of reproducible randomness. The same seed and label give the same stream on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number
  /** One element of a list that is not empty. */
  pick<Element>(list: readonly Element[]): Element
  /** True with the given probability. */
  chance(probability: number): boolean
  /** A UUID of version 4 (RFC 9562). */
  uuid(): string
  /** `length` hexadecimal digits, lower case. */
  hex(length: number): string
}

const asUuid = (digits: string): string => {
  const variant = ((Number.parseInt(digits.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}

/** A UUID that belongs to a name: the same name has the same UUID whatever the seed. */
export const uuidOf = (name: string): string =>
  asUuid(createHash('sha256').update(`veridesk-demo:${name}`).digest('hex'))

/** Opens the stream of `seed` and `label`. Labels keep streams apart: adding rows to one does not move another. */
export const openRandom = (seed: number, label: string): Random => {
  const digest = createHash('sha256').update(`${seed}:${label}`).digest()
  let a = digest.readUInt32LE(0)
  let b = digest.readUInt32LE(4)
  let c = digest.readUInt32LE(8)
  let counter = digest.readUInt32LE(12)
  // sfc32, from PractRand by Chris Doty-Humphrey (public domain).
  const word = (): number => {
    const sum = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = ((c << 21) | (c >>> 11)) >>> 0
    c = (c + sum) >>> 0
    return sum
  }
  const hex = (length: number): string => {
    let digits = ''
    while (digits.length < length) digits += word().toString(16).padStart(8, '0')
    return digits.slice(0, length)
  }
  const next = (): number => word() / 4_294_967_296
  return {
    next,
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => {
      const element = list[Math.floor(next() * list.length)]
      if (element === undefined) throw new RangeError('an empty list has nothing to pick')
      return element
    },
    chance: (probability) => next() < probability,
    uuid: () => asUuid(hex(32)),
    hex,
  }
}
