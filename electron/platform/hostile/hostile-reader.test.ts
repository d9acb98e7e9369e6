import { writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { encode } from 'jpeg-js'
import { expect, test } from 'vitest'
import writeWorkbookFile from 'write-excel-file/node'
import { createHostileReader } from './hostile-reader.ts'

const childPath = join(import.meta.dirname, '../../worker/hostile-child.ts')
const read = createHostileReader({ childPath })
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

test('a CSV file becomes rows of text, whatever its separator', async () => {
  expect(await read({ kind: 'csv' }, text('\uFEFFticket;net\nT-1;12,5\n"T;2";9\n'))).toEqual({
    ok: true,
    value: {
      kind: 'table',
      sheets: [
        {
          name: 'Table',
          rows: [
            ['ticket', 'net'],
            ['T-1', '12,5'],
            ['T;2', '9'],
          ],
          totalRows: 3,
          truncated: false,
        },
      ],
    },
  })
})

test('a workbook becomes its sheets', async () => {
  const bytes = await writeWorkbookFile([
    [{ value: 'input' }, { value: 'output' }],
    [
      { value: 12.5, type: Number },
      { value: 11, type: Number },
    ],
  ]).toBuffer()
  const answer = await read({ kind: 'workbook' }, bytes)
  expect(answer).toMatchObject({
    ok: true,
    value: {
      sheets: [
        {
          rows: [
            ['input', 'output'],
            ['12.5', '11'],
          ],
        },
      ],
    },
  })
})

test('a photo without metadata claims nothing', async () => {
  const { data } = encode({ width: 16, height: 16, data: Buffer.alloc(16 * 16 * 4, 128) }, 80)
  expect(await read({ kind: 'photo' }, data)).toMatchObject({
    ok: true,
    value: { takenAt: null, latitude: null, camera: null },
  })
})

test('a long table is cut and says so', async () => {
  const rows = Array.from({ length: 6_000 }, (_, index) => `${index},x`).join('\n')
  expect(await read({ kind: 'csv' }, text(rows))).toMatchObject({
    ok: true,
    value: { sheets: [{ totalRows: 6_000, truncated: true }] },
  })
})

test('a file that is not what it claims to be is unreadable, with what to do', async () => {
  for (const kind of ['workbook', 'photo'] as const) {
    const answer = await read({ kind }, text('not that at all'))
    expect(answer, kind).toMatchObject({
      ok: false,
      error: { code: 'file_unreadable', action: expect.stringContaining('original') },
    })
  }
  expect(await read({ kind: 'csv' }, new Uint8Array([0xff, 0xfe, 0x00, 0xd8]))).toMatchObject({ ok: false })
})

/** A ZIP file (APPNOTE 6.3) with one deflated entry: enough for a workbook that inflates without end. */
function zip(name: string, contents: Buffer): Buffer {
  const packed = deflateRawSync(contents, { level: 1 })
  const crc = Buffer.alloc(4)
  const sizes = Buffer.alloc(8)
  sizes.writeUInt32LE(packed.length, 0)
  sizes.writeUInt32LE(contents.length, 4)
  const common = Buffer.concat([
    Buffer.from([20, 0, 0, 0, 8, 0, 0, 0, 0, 0]),
    crc,
    sizes,
    Buffer.from([name.length, 0, 0, 0]),
  ])
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed])
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02'),
    Buffer.from([20, 0]),
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}

test('a workbook bomb ends in an error and not in a hang', async () => {
  const bomb = zip('xl/workbook.xml', Buffer.alloc(300 * 1024 * 1024, '<'))
  const small = createHostileReader({
    childPath,
    limits: { milliseconds: 6_000, heapMegabytes: 64, residentBytes: 200 * 1024 * 1024 },
  })
  expect(await small({ kind: 'workbook' }, bomb)).toMatchObject({ ok: false, error: { code: 'file_unreadable' } })
})

test('a child that does not come to an end is killed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hostile-'))
  const hanging = join(directory, 'hang.mjs')
  writeFileSync(hanging, 'for (;;) {}')
  const patient = createHostileReader({ childPath: hanging, limits: { milliseconds: 300 } })
  expect(await patient({ kind: 'csv' }, text('a'))).toMatchObject({
    ok: false,
    error: { detail: { reason: 'took too long' } },
  })
})

test('a file over the cap is refused before a child is started', async () => {
  const strict = createHostileReader({ childPath: '/nowhere', limits: { inputBytes: 2 } })
  expect(await strict({ kind: 'csv' }, text('abc'))).toMatchObject({ ok: false, error: { code: 'file_too_large' } })
})
