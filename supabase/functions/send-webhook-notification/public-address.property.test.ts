import { BlockList } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAddress, isLoopback, isPublicAddress } from './public-address.ts'

/** Node's own implementation of ranges, with the same registry. */
const special = new BlockList()
for (const range of [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24',
  '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
].flatMap((line) => line.split(' '))) {
  const [network = '', bits = ''] = range.split('/')
  special.addSubnet(network, Number(bits), 'ipv4')
}
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')
const specialEight = new BlockList()
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  specialEight.addSubnet(network, bits, 'ipv6')

const interestingByte = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom(0, 10, 64, 100, 127, 128, 168, 169, 172, 192, 198, 203, 224, 255),
)
const four = fc
  .tuple(interestingByte, interestingByte, interestingByte, interestingByte)
  .map((bytes) => bytes.join('.'))
const group = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }),
  fc.constantFrom(0, 0x2001, 0x2002, 0x3fff, 0xdb8, 0xff9b, 0xffff, 0x1ff, 0x200),
)
const eight = fc.array(group, { minLength: 8, maxLength: 8 })
const written = (groups: readonly number[]): string => groups.map((value) => value.toString(16)).join(':')

test('an IPv4 address is public exactly when no special range has it', () => {
  fc.assert(
    fc.property(four, (address) => {
      expect(isPublicAddress(address)).toBe(!special.check(address, 'ipv4'))
    }),
  )
})

test('no IPv4 address becomes public by being written into an IPv6 address', () => {
  const prefixes = fc.constantFrom('::', '::ffff:', '::ffff:0:', '64:ff9b::', '64:ff9b:1::', '0:0:0:0:0:ffff:')
  fc.assert(
    fc.property(prefixes, four, (prefix, address) => {
      expect(isPublicAddress(prefix + address)).toBe(false)
    }),
  )
})

test('an IPv6 address is public exactly within 2000::/3 and outside its special ranges, however it is written', () => {
  fc.assert(
    fc.property(eight, (groups) => {
      const address = written(groups)
      const expected = globalUnicast.check(address, 'ipv6') && !specialEight.check(address, 'ipv6')
      const short = new URL(`http://[${address}]/`).hostname.slice(1, -1)
      for (const spelling of [address, address.toUpperCase(), short]) {
        expect(isAddress(spelling), spelling).toBe(true)
        expect(isPublicAddress(spelling), spelling).toBe(expected)
      }
    }),
  )
})

test('what is loopback is never public', () => {
  const loopback = fc.oneof(
    four.map((address) => address.replace(/^\d+/, '127')),
    fc.constantFrom('::1', '0:0:0:0:0:0:0:1'),
  )
  fc.assert(
    fc.property(loopback, (address) => {
      expect(isLoopback(address)).toBe(true)
      expect(isPublicAddress(address)).toBe(false)
    }),
  )
})

test('no text whatever is taken for an address by mistake', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (isPublicAddress(text)) expect(text).toMatch(/^[0-9a-fA-F.:]+$/)
    }),
  )
})
