import { afterEach, beforeEach, expect, test } from 'vitest'
import writeWorkbookFile from 'write-excel-file/node'
import { openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { createHostileReader, type HostileReader } from '../platform/hostile/hostile-reader.ts'
import { outOfBounds, zipOf } from '../platform/hostile/testing.ts'
import { readEvidenceTable } from './read-evidence-table.ts'
import { evidenceFileId, hostileChildPath, reader, type StoredEvidence, storeEvidence } from './testing.ts'

const workbook = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

let workspace: TestWorkspace
let stored: StoredEvidence
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 1 })
  stored = storeEvidence(workspace)
})
afterEach(() => workspace.dispose())

const table = (read: HostileReader = reader) =>
  readEvidenceTable(workspace.as(people.auditor), stored.source, read, { evidenceFileId })

test('a transport log in CSV is shown as rows, with text that looks like a formula left as text', async () => {
  await stored.put('text/csv', text('date,truck,net\n2026-08-12,L 1234 AB,"12,50"\n2026-08-13,=1+1,9\n'))
  expect(await table()).toEqual({
    ok: true,
    value: {
      sheets: [
        {
          name: 'Table',
          rows: [
            ['date', 'truck', 'net'],
            ['2026-08-12', 'L 1234 AB', '12,50'],
            ['2026-08-13', '=1+1', '9'],
          ],
          totalRows: 3,
          truncated: false,
        },
      ],
    },
  })
})

test('a mass balance in a workbook is shown sheet by sheet', async () => {
  const bytes = await writeWorkbookFile([
    [{ value: 'input' }, { value: 'output' }],
    [
      { value: 12.5, type: Number },
      { value: 11, type: Number },
    ],
  ]).toBuffer()
  await stored.put(workbook, new Uint8Array(bytes))
  expect(await table()).toMatchObject({
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

test('a type that holds no table is said so, and no child process is started for it', async () => {
  const never: HostileReader = () => Promise.reject(new Error('It was started'))
  for (const mediaType of ['application/pdf', 'image/jpeg', 'application/zip', '']) {
    await stored.put(mediaType, text('a,b'))
    expect(await table(never)).toMatchObject({
      ok: false,
      error: { code: 'file_unreadable', message: 'This file holds no table.', detail: { mediaType } },
    })
  }
})

test('a file that is not of the type it claims cannot be read, with what to do', async () => {
  await stored.put(workbook, text('a,b\n1,2\n'))
  expect(await table()).toMatchObject({
    ok: false,
    error: { code: 'file_unreadable', action: expect.stringContaining('Save the original') },
  })
  await stored.put('text/csv', new Uint8Array([0xff, 0xfe, 0x00, 0xd8]))
  expect(await table()).toMatchObject({ ok: false, error: { code: 'file_unreadable' } })
})

test('a workbook that inflates without end ends in a message, and the next table is read', async () => {
  await stored.put(workbook, zipOf('xl/workbook.xml', Buffer.alloc(200 * 1024 * 1024, '<')))
  const small = createHostileReader({
    childPath: hostileChildPath,
    limits: { milliseconds: 8_000, heapMegabytes: 64, residentBytes: 200 * 1024 * 1024 },
  })
  expect(await table(small)).toMatchObject({
    ok: false,
    error: { code: 'file_unreadable', detail: { reason: expect.stringMatching(outOfBounds) } },
  })
  await stored.put('text/csv', text('a,b\n1,2\n'))
  expect((await table()).ok).toBe(true)
})

test('a table that the disk lost is missing, and one that was withdrawn is not found', async () => {
  await stored.put('text/csv', text('a,b\n'))
  await stored.lose()
  expect(await table()).toMatchObject({ ok: false, error: { code: 'file_missing' } })
  workspace.database.write((handle) => handle.prepare("update evidence_file set deleted_at = '2026'").run())
  expect(await table()).toMatchObject({ ok: false, error: { code: 'not_found' } })
})
