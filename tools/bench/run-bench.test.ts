import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { BenchRow } from './bench-row.ts'
import { benchTable, findBenches, runBench, selectBenches } from './run-bench.ts'

const folder = mkdtempSync(join(tmpdir(), 'benches-'))
afterAll(() => rmSync(folder, { recursive: true }))

const row: BenchRow = { name: 'a call', value: 1.2345, unit: 'ms', target: 2, better: 'lower', ok: true }
const bench = (name: string, source: string): void => writeFileSync(join(folder, `${name}.bench.ts`), source)
bench('good', `export async function benchGood() { setInterval(() => {}, 1000); return [${JSON.stringify(row)}] }`)
bench('broken', `export async function benchBroken() { throw new Error('the cloud did not start') }`)
bench('empty', 'export const answer = 42')
bench('ended', 'export async function benchEnded() { process.exit(7) }')

test('every bench file of the folder is found by its name', () => {
  writeFileSync(join(folder, 'helper.ts'), '')
  expect(findBenches(folder)).toEqual(['broken', 'empty', 'ended', 'good'])
})

test('benches are chosen by name or by the beginning of several', () => {
  const known = ['cloud-feed', 'cloud-policies', 'cloudy', 'queue']
  expect(selectBenches(known, [])).toEqual({ selected: known, unknown: [] })
  expect(selectBenches(known, ['cloud'])).toEqual({ selected: ['cloud-feed', 'cloud-policies'], unknown: [] })
  expect(selectBenches(known, ['queue', 'cloud-feed', 'cloud'])).toEqual({
    selected: ['queue', 'cloud-feed', 'cloud-policies'],
    unknown: [],
  })
  expect(selectBenches(known, ['que'])).toEqual({ selected: [], unknown: ['que'] })
})

test('rows come back even if the bench left something running', async () => {
  expect(await runBench(folder, 'good')).toEqual({ rows: [row] })
})

test('a bench that cannot measure says why', async () => {
  expect(await runBench(folder, 'broken')).toEqual({ problem: expect.stringContaining('the cloud did not start') })
  expect(await runBench(folder, 'empty')).toEqual({ problem: expect.stringContaining('exports no function') })
  expect(await runBench(folder, 'ended')).toEqual({ problem: 'ended with 7 before it had measured anything' })
})

test('the table shows value, target, what was missed, and what was measured beside it', () => {
  const slow: BenchRow = {
    ...row,
    name: 'rows',
    value: 12_345.6,
    unit: 'rows/s',
    target: 10_000,
    better: 'higher',
    ok: false,
  }
  const lines = benchTable([{ ...row, peer: { name: 'bare', value: 0.71, unit: 'ms' } }, slow]).split('\n')
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ['', 'measured', 'value', 'target', 'beside it, in the same run'],
    ['ok', 'a call', '1.23 ms', '< 2 ms', '0.71 ms bare'],
    ['MISS', 'rows', '12,346 rows/s', '> 10,000 rows/s'],
  ])
})
