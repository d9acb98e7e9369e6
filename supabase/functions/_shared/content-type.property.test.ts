import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createContentInspector, isOfType } from './content-type.ts'

const find = (...chunks: readonly Uint8Array[]) => {
  const inspector = createContentInspector()
  for (const chunk of chunks) inspector.add(chunk)
  return inspector.find()
}
const bytes = (...parts: readonly (string | readonly number[] | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [...part])))

const workbook = bytes([0x50, 0x4b, 0x03, 0x04], '[Content_Types].xml', [0, 1, 2], 'PK', [1, 2], 'xl/workbook.xml')

const samples = [
  ['application/pdf', bytes('%PDF-1.7\n', [0, 0xff])],
  ['image/jpeg', bytes([0xff, 0xd8, 0xff, 0xe0, 0])],
  ['image/png', bytes([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0])],
  ['image/tiff', bytes('II*', [0, 8, 0])],
  ['image/tiff', bytes('MM', [0], '*', [0])],
  ['image/webp', bytes('RIFF', [1, 2, 3, 4], 'WEBPVP8 ')],
  ['image/heic', bytes([0, 0, 0, 0x18], 'ftypheic', [0])],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', workbook],
  [
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    bytes([0x50, 0x4b, 0x03, 0x04, 0], 'word/document.xml'),
  ],
  ['text/csv', bytes('ticket,tonnes\r\n1,2.5\r\n')],
  ['text/plain', Buffer.from('Größe: 3 t')],
  ['application/json', bytes('{"a": 1}')],
] as const

it.each(samples)('%s is known by its bytes, however they arrive', (type, content) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: content.length }), { maxLength: 5 }), (cuts) => {
      const places = [0, ...cuts.sort((one, other) => one - other), content.length]
      const chunks = places.slice(1).map((end, index) => content.subarray(places[index], end))
      expect(isOfType(type, find(...chunks))).toBe(true)
    }),
  )
})

it('no file passes for another kind', () => {
  for (const [type, content] of samples)
    for (const [other] of samples) {
      const bothText = [type, other].every((name) => /text|json/.test(name))
      if (type !== other && !bothText) expect(isOfType(other, find(content)), `${type} as ${other}`).toBe(false)
    }
})

it('a page of a browser, a program and a workbook with a program in it pass for none', () => {
  const program = bytes('MZ', [0x90, 0, 3])
  const page = bytes('<html><script>')
  const macros = bytes(workbook, 'xl/vbaProject.bin')
  for (const [type] of samples) {
    expect(isOfType(type, find(program)), type).toBe(false)
    expect(isOfType(type, find(macros)), type).toBe(false)
    if (!/text|json/.test(type)) expect(isOfType(type, find(page)), type).toBe(false)
  }
})

it('a signature in the middle is none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), (before) => {
      const content = bytes([0x01], [...before], '%PDF-1.7')
      expect(isOfType('application/pdf', find(content))).toBe(false)
    }),
  )
})

it('the directory of a large archive is found at its end', () => {
  const filler = new Uint8Array(300_000).fill(7)
  expect(find(workbook.subarray(0, 20), filler, bytes('xl/workbook.xml', [0, 0]))).toMatch(/spreadsheetml/)
})
