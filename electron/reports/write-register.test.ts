import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RequestOf } from '../../shared/contract/channels.ts'
import { openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { registerFileName } from './register-file-name.ts'
import { fontsDirectory, insertDecision } from './testing.ts'
import { writeRegister } from './write-register.ts'

const november: RequestOf<'report.write'> = { from: '2026-11-01', to: '2026-11-30', format: 'csv' }

let workspace: TestWorkspace
let folder: string
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 1 })
  folder = join(workspace.folder, 'reports')
  mkdirSync(folder)
  for (const [number, day] of ['01', '15', '30'].entries())
    insertDecision(workspace, number, `2026-11-${day}T12:00:00.000Z`)
  insertDecision(workspace, 9, '2026-12-01T00:00:00.000Z')
})
afterEach(() => workspace.dispose())

const write = (input = november, path = join(folder, registerFileName(input))) =>
  writeRegister(workspace.as(people.compliance), fontsDirectory, input, path)

const log = () =>
  workspace.database.read
    .all(
      workspace.database.build
        .selectFrom('audit_event')
        .select(['action', 'actor_name', 'entity_id', 'entity_label', 'after'])
        .where('action', '=', 'report.written'),
    )
    .map(({ after, ...event }) => ({ ...event, after: JSON.parse(after ?? 'null') }))

test('a register in CSV holds the decisions of the period, and its hash goes into the audit log', async () => {
  const written = await write()
  if (!written.ok) throw new Error(written.error.message)
  const path = join(folder, 'decisions-2026-11-01-to-2026-11-30.csv')
  const bytes = readFileSync(path)
  expect(written.value).toEqual({
    path,
    fileName: 'decisions-2026-11-01-to-2026-11-30.csv',
    rowCount: 3,
    sha256: sha256Hex(bytes),
    byteSize: bytes.byteLength,
    generatedAt: '2026-11-20T09:00:00.000Z',
  })
  const text = bytes.toString('utf8')
  expect(text.match(/,decision-\d+\r\n/g)).toHaveLength(3)
  expect(text).toContain('Generated: 2026-11-20T09:00:00.000Z by Clara Souza')
  expect(readdirSync(folder)).toHaveLength(1)
  expect(log()).toEqual([
    {
      action: 'report.written',
      actor_name: 'Clara Souza',
      entity_id: sha256Hex(bytes),
      entity_label: 'decisions-2026-11-01-to-2026-11-30.csv',
      after: {
        from: '2026-11-01',
        to: '2026-11-30',
        format: 'csv',
        rows: 3,
        data_sha256: /SHA-256 of the rows: ([0-9a-f]{64})/.exec(text)?.[1],
      },
    },
  ])
})

test('the PDF of the same period names the same hash of the rows', async () => {
  await write()
  const written = await write({ ...november, format: 'pdf' })
  expect(written).toMatchObject({ ok: true, value: { rowCount: 3 } })
  const text = execFileSync('pdftotext', ['-layout', join(folder, 'decisions-2026-11-01-to-2026-11-30.pdf'), '-'], {
    encoding: 'utf8',
  })
  const [csv, pdf] = log()
  expect(pdf?.after.data_sha256).toBe(csv?.after.data_sha256)
  expect(text).toContain(csv?.after.data_sha256)
})

test('a period that ends before it begins is refused; one of a single day is not', async () => {
  expect(await write({ ...november, from: '2026-12-01' })).toMatchObject({
    ok: false,
    error: { code: 'invalid_input', action: 'Swap the two days.' },
  })
  expect(readdirSync(folder)).toEqual([])
  expect(log()).toEqual([])
  expect(await write({ ...november, to: '2026-11-01' })).toMatchObject({ ok: true, value: { rowCount: 1 } })
})

test('a place that cannot be written leaves no part of a file and no entry in the log', async () => {
  mkdirSync(join(folder, 'taken'))
  for (const path of [join(folder, 'taken'), join(folder, 'nowhere', 'a.csv')])
    expect(await write(november, path)).toMatchObject({
      ok: false,
      error: { code: 'not_allowed', action: expect.stringContaining('another folder') },
    })
  expect(readdirSync(folder, { recursive: true })).toEqual(['taken'])
  expect(log()).toEqual([])
})

test('when the audit log cannot be written, the report is not there either, and an older one stays', async () => {
  const path = join(folder, `${'x'.repeat(200)}.csv`)
  writeFileSync(path, 'the older report')
  workspace.database.write((handle) => handle.prepare('pragma max_page_count = 1').get())
  // Entries go on fitting into pages that are there, until one does not.
  let written = 0
  for (; written < 200; written++) {
    const before = readFileSync(path)
    workspace.clock.advance(1)
    const result = await write(november, path)
    if (result.ok) continue
    expect(result.error).toMatchObject({ code: 'disk_full', action: expect.stringContaining('Free') })
    expect(readFileSync(path)).toEqual(before)
    break
  }
  expect(written).toBeLessThan(200)
  expect(log()).toHaveLength(written)
  expect(readdirSync(folder)).toHaveLength(1)
})
