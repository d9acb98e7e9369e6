import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RegisterRow } from '../../shared/contract/views.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { registerCsv } from './register-csv.ts'
import { registerFacts } from './register-facts.ts'
import { registerPdf } from './register-pdf.ts'

const fonts = join(import.meta.dirname, '..', '..', 'resources', 'fonts')
const period = { from: '2026-10-01', to: '2026-10-31' }
const row = (index: number): RegisterRow => ({
  decisionId: `decision-${index}`,
  decidedAt: '2026-10-14T08:30:00.000Z',
  receivedAt: '2026-10-14T08:31:00.000Z',
  batchHash: `BATCH-${String(index).padStart(32, '0')}`,
  projectName: 'Surabaya Coastal Recovery, Đà Nẵng annex',
  standard: 'APRS',
  quantity: 123_456,
  action: 'verify',
  fromStatus: 'approved',
  toStatus: 'verified',
  reason: '=HYPERLINK("x") and a long reason that does not fit in its column at all',
  score: 437,
  actorName: 'Nguyễn Thu Hà',
  opinion: 'unmodified',
  certificateNumber: 'VD-APRS-2026-1F2E3D4C5B',
  contentHash: 'ab'.repeat(32) as Sha256,
})
const rows = Array.from({ length: 60 }, (_, index) => row(index))
const facts = registerFacts(rows, period, '2026-11-20T10:00:00.000Z', 'Ruth Abernathy')

test('the hash that the CSV names is that of its rows, whoever computes it', () => {
  const text = new TextDecoder().decode(registerCsv(rows, facts))
  const data = text
    .split('\r\n')
    .filter((line) => line !== '' && !/^"?#/.test(line))
    .map((line) => `${line}\r\n`)
    .join('')
  expect(text).toContain(`SHA-256 of the rows: ${createHash('sha256').update(data).digest('hex')}`)
  expect(text).toContain('Rows: 60')
  expect(text).not.toMatch(/,=HYPERLINK/)
})

test('the PDF carries filter, time, row count and hash, every row, and a number on every page', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'register-')), 'register.pdf')
  writeFileSync(file, await registerPdf(rows, facts, fonts))
  const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
  for (const part of [
    '2026-10-01 to 2026-10-31',
    '2026-11-20T10:00:00.000Z',
    'Rows: 60',
    facts.dataSha256,
    'Nguyễn Thu Hà',
  ])
    expect(text).toContain(part)
  expect(text.match(/BATCH-0/g)).toHaveLength(60)
  expect(text).toContain('3 / 3')
})

test('a period without decisions gives a document that says so', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'register-')), 'register.pdf')
  writeFileSync(file, await registerPdf([], registerFacts([], period, '2026-11-20T10:00:00.000Z', 'Ruth'), fonts))
  expect(execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' })).toContain('No decision was taken')
})
