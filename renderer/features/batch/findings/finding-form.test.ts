import { describe, expect, it } from 'vitest'
import {
  isUntouched,
  misstatementWords,
  parseAmount,
  parseFindingForm,
  readFindingForm,
  shortened,
  startOfFinding,
} from './finding-form.ts'

const batchId = '2b9d7a7e-57b1-4a7c-9a43-1c2d3e4f5a6b'
const filled = { ...startOfFinding('M-01', null), title: ' Calibration expired ', description: 'Since August.' }

describe('parseAmount', () => {
  it('reads figures to hundredths, with a point or a comma', () => {
    expect(['12', '12.5', '12,50', ' 1 250.00 ', '0'].map(parseAmount)).toEqual([1200, 1250, 1250, 125_000, 0])
  })

  it('refuses what is not exactly that', () => {
    expect(['-1', '1,234.50', '12.345', '12,345', 'twelve', ''].map(parseAmount)).toEqual(Array(6).fill(null))
  })
})

describe('parseFindingForm', () => {
  it('makes the request, trimmed, with the sign of the direction and the end of the day', () => {
    const parsed = parseFindingForm({ ...filled, amount: '1,25', direction: 'under', dueDate: '2026-12-04' }, batchId)
    expect(parsed).toEqual({
      ok: true,
      request: {
        batchId,
        kind: 'car',
        title: 'Calibration expired',
        description: 'Since August.',
        criterionCode: 'M-01',
        evidenceFileId: null,
        dueAt: '2026-12-04T23:59:59.000Z',
        misstatement: -125,
      },
    })
  })

  it('takes no figure and a figure of nothing for no misstatement', () => {
    for (const amount of ['', '0', '0.00']) {
      const parsed = parseFindingForm({ ...filled, amount, direction: 'under' }, batchId)
      expect(parsed.ok && parsed.request.misstatement).toBeNull()
    }
  })

  it('says what is missing, field by field', () => {
    const parsed = parseFindingForm({ ...startOfFinding(null, null), amount: 'much', title: '  ' }, batchId)
    expect(!parsed.ok && Object.keys(parsed.errors).sort()).toEqual(['amount', 'description', 'title'])
  })
})

describe('a kept form', () => {
  it('comes back as it was', () => {
    expect(readFindingForm(JSON.stringify(filled))).toEqual(filled)
    expect(isUntouched(filled)).toBe(false)
    expect(isUntouched(startOfFinding('E-01', 'file'))).toBe(true)
  })

  it('is none where it cannot be read', () => {
    expect([null, '', 'null', '3'].map(readFindingForm)).toEqual([null, null, null, null])
  })
})

describe('words about findings', () => {
  it('name the direction of a misstatement', () => {
    expect(misstatementWords(1250, 't')).toBe('12.50 t over')
    expect(misstatementWords(-300, 'kWh')).toBe('3.00 kWh under')
  })

  it('are cut at a word where there is no room', () => {
    expect(shortened('E-01 Is the batch inside the project', 20)).toBe('E-01 Is the batch…')
    expect(shortened('short', 20)).toBe('short')
  })
})
