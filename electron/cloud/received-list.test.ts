import { describe, expect, it } from 'vitest'
import { eachRow, MalformedRows, readList, refuseMalformedRows, takeList } from './received-list.ts'

/** Bytes in memory of their own, as those of an answer are. */
const bytes = (text: string): Buffer<ArrayBuffer> => {
  const whole = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  whole.write(text)
  return whole
}
const taken = (rows: string) => {
  const found = takeList(bytes(`{"snapshot" : "1:1:", "rows" : ${rows}, "next" : null}`), 'rows')
  if (found === null) throw new Error('No rows were taken')
  return found
}
const isRow = (row: unknown): boolean => typeof row === 'object' && row !== null
const many = (count: number): string => `[${Array.from({ length: count }, (_, id) => `{"id" : ${id}}`).join(', ')}]`

describe('a list of an answer', () => {
  it('is read a stretch at a time, from anywhere', () => {
    const rows = readList<{ readonly id: number }>(taken(many(200)).list, isRow)
    expect(rows.length).toBe(200)
    expect(rows.slice(64, 66)).toEqual([{ id: 64 }, { id: 65 }])
    expect(rows.slice(199, 300)).toEqual([{ id: 199 }])
    expect(rows.slice(200, 300)).toEqual([])
    expect([...eachRow(rows, 60, 140)].map(({ id }) => id)).toEqual(Array.from({ length: 80 }, (_, id) => id + 60))
    expect([...eachRow([1, 2, 3], 1, 9)]).toEqual([2, 3])
  })

  it('leaves the rest of the answer to be read, with the list empty', () => {
    expect(JSON.parse(taken(many(3)).frame.toString())).toEqual({ snapshot: '1:1:', rows: [], next: null })
  })

  it('is not taken where it is empty, written another way, or holds no objects', () => {
    for (const text of [
      '{"rows" : []}',
      '{"rows":[{"id":1}]}',
      '{"rows" : [1, 2]}',
      '{"rows" : [{"id" : 1},{"id" : 2}]}',
      '{"rows" : null}',
      '{"lines" : [{"id" : 1}]}',
      '{"rows" : [{"id" : 1}',
      '',
    ])
      expect(takeList(bytes(text), 'rows')).toBeNull()
  })

  it('finds its rows where one has a list that is written the same way', () => {
    const inner = '[{"id" : 5}, {"id" : 6}]'
    const { list } = taken(`[{"id" : 1}, {"id" : 2, "parts" : ${inner}}, {"id" : 3}]`)
    const rows = readList(list, isRow)
    expect([...eachRow(rows, 0, rows.length)]).toEqual([{ id: 1 }, { id: 2, parts: [{ id: 5 }, { id: 6 }] }, { id: 3 }])
    expect(rows).toHaveLength(3)
  })

  it('finds its rows where some are written another way than the first', () => {
    for (const other of [
      '{"id" : 1}, {"id" : 2},{"id" : 3}, {"id" : 4}',
      '{"id" : 1}, {"no" : 1, "id" : 2}, {"id" : 3}',
    ]) {
      const rows = readList(taken(`[${other}]`).list, isRow)
      const expected = JSON.parse(`[${other}]`)
      expect([...eachRow(rows, 0, Number.POSITIVE_INFINITY)]).toEqual(expected)
      expect(rows).toHaveLength(expected.length)
    }
  })

  it('refuses a row that is none, as a failure of whoever reads it', async () => {
    const { list } = taken('[{"id" : 1}, {"id" : }, {"id" : 3}]')
    const read = async () => {
      const rows = readList(list, isRow)
      return { ok: true, value: [...eachRow(rows, 0, rows.length)] } as const
    }
    expect(await refuseMalformedRows(read)).toMatchObject({
      ok: false,
      error: { code: 'cloud_incompatible', detail: { call: 'rows', reason: 'not JSON' } },
    })
    const picky = readList(taken(many(3)).list, (row) => (row as { id: number }).id < 2)
    expect(picky.slice(0, 2)).toHaveLength(2)
    expect(() => picky.slice(1, 3)).toThrow(MalformedRows)
    await expect(refuseMalformedRows(() => Promise.reject(new TypeError('a defect')))).rejects.toThrow('a defect')
  })

  it('gives its memory back, and says still how many rows there were', () => {
    const { list } = taken(many(3))
    const rows = readList(list, isRow)
    rows.release?.()
    expect(list.answer.byteLength).toBe(0)
    expect(rows.slice(0, 3)).toEqual([])
    expect(rows).toHaveLength(3)
  })
})
