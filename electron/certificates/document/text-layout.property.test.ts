import fc from 'fast-check'
import { expect, it } from 'vitest'
import { loadCertificateFonts } from './certificate-fonts.ts'
import { style } from './style.ts'
import { fontFolder } from './testing.ts'
import { measure, shorten, wrap } from './text-layout.ts'

const fonts = await loadCertificateFonts(fontFolder)
const text = fc.string({ unit: fc.constantFrom(...'abcWMil .,-éЖΩ  \n'), maxLength: 400 })
const width = fc.integer({ min: 30, max: 500 })

it('no line is wider than asked for, and no character but white space is lost', () => {
  fc.assert(
    fc.property(text, width, (input, limit) => {
      const lines = wrap(input, limit, style.body, fonts)
      for (const line of lines) expect(measure(line, style.body, fonts)).toBeLessThanOrEqual(limit + 1e-9)
      expect(lines.join('').replace(/\s/g, '')).toBe(input.replace(/\s/g, ''))
    }),
  )
})

it('shortened text fits and begins as the text did', () => {
  fc.assert(
    fc.property(text, width, (input, limit) => {
      const shown = shorten(input, limit, style.body, fonts)
      expect(measure(shown, style.body, fonts)).toBeLessThanOrEqual(limit + 1e-9)
      expect(input.startsWith(shown.replace(/…$/, ''))).toBe(true)
    }),
  )
})
