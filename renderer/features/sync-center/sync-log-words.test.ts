import { expect, test } from 'vitest'
import { checkWords, differenceWords, exchangeWords, formatDuration, outcomeWords, runWords } from './sync-log-words.ts'

test('a run is told by what it was and how often it was tried', () => {
  expect(runWords({ kind: 'sync', quietRuns: 0, attempt: 1 })).toBe('Sync')
  expect(runWords({ kind: 'sync', quietRuns: 0, attempt: 3 })).toBe('Sync, attempt 3')
  expect(runWords({ kind: 'sync', quietRuns: 118, attempt: 1 })).toBe('118 syncs, no changes')
  expect(runWords({ kind: 'files', quietRuns: 0, attempt: 1 })).toBe('Evidence files')
  expect(outcomeWords({ outcome: 'broken_off' })).toEqual({ words: 'Broke off', tone: 'danger' })
})

test('an exchange is told by its table and the kind of its scope', () => {
  expect(exchangeWords({ kind: 'bootstrap', scope: 'person', table: 'evidence_files' })).toBe(
    'First fetch, evidence files (person)',
  )
  expect(exchangeWords({ kind: 'handshake', scope: null, table: null })).toBe('Handshake')
})

test('a duration has the unit that is read at a glance', () => {
  expect([0, 999, 1000, 59_999, 90_000].map(formatDuration)).toEqual(['0 ms', '999 ms', '1.0 s', '60.0 s', '2 min'])
})

test('a comparison says what differed, and that it still does', () => {
  const difference = { scope: 'person', table: 'finding_rounds', missing: 1, outdated: 2, surplus: 0, remains: false }
  expect(differenceWords(difference)).toBe('finding rounds: 1 missing, 2 in another version')
  expect(differenceWords({ ...difference, missing: 0, outdated: 0, remains: true })).toBe(
    'finding rounds: nothing that could be mended, still differs',
  )
  const check = { checkedAt: '', outcome: 'same', tables: 3, rows: 1200, milliseconds: 5, differences: [] } as const
  expect(checkWords(check)).toEqual({ words: 'The same as the cloud: 1,200 rows compared.', tone: 'success' })
})
