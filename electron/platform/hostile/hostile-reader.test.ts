import { writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'jpeg-js'
import { expect, test } from 'vitest'
import writeWorkbookFile from 'write-excel-file/node'
import { createHostileReader } from './hostile-reader.ts'
import { outOfBounds, zipOf } from './testing.ts'

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

test('a workbook bomb ends in an error and not in a hang', async () => {
  const bomb = zipOf('xl/workbook.xml', Buffer.alloc(300 * 1024 * 1024, '<'))
  const small = createHostileReader({
    childPath,
    limits: { milliseconds: 6_000, heapMegabytes: 64, residentBytes: 200 * 1024 * 1024 },
  })
  expect(await small({ kind: 'workbook' }, bomb)).toMatchObject({
    ok: false,
    error: { code: 'file_unreadable', detail: { reason: expect.stringMatching(outOfBounds) } },
  })
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

test('a request that no reader knows is unreadable, and so is an answer that is none', async () => {
  expect(await read(JSON.parse('{"kind":"toString"}'), text('a'))).toMatchObject({
    ok: false,
    error: { detail: { reason: 'unknown request' } },
  })
  const directory = await mkdtemp(join(tmpdir(), 'hostile-'))
  const silent = join(directory, 'silent.mjs')
  writeFileSync(silent, 'process.stdin.resume()')
  expect(await createHostileReader({ childPath: silent })({ kind: 'csv' }, text('a'))).toMatchObject({
    ok: false,
    error: { detail: { reason: 'no answer' } },
  })
})

test('line feeds and braces at the beginning of a file belong to the file, not to the request', async () => {
  expect(await read({ kind: 'csv' }, text('\n{"kind":"photo"}\nb,c\n'))).toMatchObject({
    ok: true,
    value: { kind: 'table', sheets: [{ totalRows: 2 }] },
  })
})
