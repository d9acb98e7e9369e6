import { describe, expect, it } from 'vitest'
import type { BatchListRow } from '../../../shared/contract/views.ts'
import type { BatchId } from '../../../shared/domain/ids.ts'
import { fail, ok } from '../../../shared/result.ts'
import { createRowStore } from './row-store.ts'

const listRow = (row: number, riskScore = 0): BatchListRow => ({
  row,
  id: `id-${String(row)}` as BatchId,
  batchHash: `BATCH-${String(row)}`,
  projectName: 'Project',
  recyclerName: 'Recycler',
  location: 'Here',
  standard: 'PCX',
  quantity: 100,
  status: 'pending',
  riskScore,
  riskReason: null,
  dateSubmitted: '2026-11-01',
  dueAt: null,
  evidenceCount: 0,
  viewedCount: 0,
  openFindings: 0,
  score: null,
  syncMark: null,
  stale: false,
})

const storeThatCounts = () => {
  const asked: (readonly number[])[] = []
  const store = createRowStore(async (rows) => {
    asked.push(rows)
    return ok(rows.map((row) => listRow(row, asked.length)))
  })
  return { asked, store }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('the row store', () => {
  it('asks for a hundred rows at a time, and once for each', async () => {
    const { asked, store } = storeThatCounts()
    store.want(new Uint32Array(numbers(250)))
    store.want(new Uint32Array(numbers(250)))
    await store.load(numbers(250))
    expect(asked.map((rows) => rows.length)).toEqual([100, 100, 50])
    expect(store.get(249)?.batchHash).toBe('BATCH-249')
  })

  it('keeps an old row in sight until the new one is here', async () => {
    const { store } = storeThatCounts()
    await store.load([1])
    store.outdate(['id-1'])
    expect(store.get(1)?.riskScore).toBe(1)
    await store.load([1])
    expect(store.get(1)?.riskScore).toBe(2)
  })

  it('leaves other rows alone when some become old', async () => {
    const { asked, store } = storeThatCounts()
    await store.load([1, 2])
    store.outdate(['id-2'])
    await store.load([1, 2])
    expect(asked.at(-1)).toEqual([2])
  })

  it('tells when rows have come', async () => {
    const { store } = storeThatCounts()
    let told = 0
    store.subscribe(() => {
      told += 1
    })
    await store.load([5])
    expect(told).toBe(1)
    expect(store.version()).toBe(1)
  })

  it('asks again after a failure', async () => {
    let calls = 0
    const store = createRowStore(async (rows) => {
      calls += 1
      return calls === 1 ? fail('internal', 'No.') : ok(rows.map((row) => listRow(row)))
    })
    expect(await store.load([1])).toMatchObject({ code: 'internal' })
    expect(await store.load([1])).toBeNull()
    expect(store.get(1)).toBeDefined()
  })
})
