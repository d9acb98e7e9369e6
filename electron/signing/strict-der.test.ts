import { describe, expect, it } from 'vitest'
import { checkDerTree, DerError, readDer, readGeneralizedTime, readObjectIdentifier } from './strict-der.ts'

const read = (hex: string) => readDer(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const check = (hex: string) => () => checkDerTree(read(hex))

describe('strict DER', () => {
  it.each(['02 01 00', '30 03 02 01 7f', '04 00', '01 01 ff', '05 00', '31 06 02 01 01 02 01 02'])(
    'reads %s',
    (hex) => {
      expect(check(hex)).not.toThrow()
    },
  )

  it.each([
    ['a length in long form that fits the short one', '04 81 01 00'],
    ['a length with a leading zero', '04 82 00 80'],
    ['an indefinite length', '30 80 02 01 00 00 00'],
    ['a length above four octets', '04 85 01 00 00 00 00'],
    ['an integer with a leading zero', '02 02 00 01'],
    ['a negative integer with a leading octet too many', '02 02 ff 80'],
    ['an empty integer', '02 00'],
    ['a boolean that is neither', '01 01 01'],
    ['a null with a value', '05 01 00'],
    ['an unsorted set', '31 06 02 01 02 02 01 01'],
    ['a child that runs past its parent', '30 03 02 02 01'],
    ['a tag in long form', '1f 81 01 00'],
    ['an element that breaks off', '30'],
    ['nothing', ''],
  ])('refuses %s', (_, hex) => {
    expect(check(hex)).toThrow(DerError)
  })

  it('reads object identifiers and refuses padded ones', () => {
    expect(readObjectIdentifier(read('06 09 2a 86 48 86 f7 0d 01 07 02'))).toBe('1.2.840.113549.1.7.2')
    expect(readObjectIdentifier(read('06 03 88 37 03'))).toBe('2.999.3')
    expect(() => readObjectIdentifier(read('06 03 2a 80 01'))).toThrow(DerError)
    expect(() => readObjectIdentifier(read('06 02 2a 86'))).toThrow(DerError)
  })

  it('reads times in UTC and refuses other forms', () => {
    const time = (text: string) =>
      readGeneralizedTime(read(`18${text.length.toString(16).padStart(2, '0')}${Buffer.from(text).toString('hex')}`))
    expect(time('20261120213300Z').toISOString()).toBe('2026-11-20T21:33:00.000Z')
    expect(time('20261120213300.25Z').toISOString()).toBe('2026-11-20T21:33:00.250Z')
    for (const text of ['20261120213300', '202611202133Z', '20261120213300.250Z', '20261120213300+0000']) {
      expect(() => time(text)).toThrow(DerError)
    }
  })
})
