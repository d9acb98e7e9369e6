import { describe, expect, it } from 'vitest'
import { type MutationKind, mutationKinds } from '../../../shared/domain/sync-state.ts'
import { type ComparedSides, compareFields } from './compare-fields.ts'
import { fieldsOf, kindWords } from './compared-fields.ts'

const words = { instant: (instant: string) => `at ${instant}`, person: (id: string) => `person ${id}` }
const compare = (sides: Omit<ComparedSides, 'item'>, kind: MutationKind = 'decision.record') =>
  compareFields({ ...sides, item: { kind } }, words)
const marks = (sides: Omit<ComparedSides, 'item'>, kind?: MutationKind) =>
  Object.fromEntries(compare(sides, kind).map(({ name, mark }) => [name, mark]))

describe('compareFields', () => {
  it('tells for each field who changed it since the common base', () => {
    const base = { status: 'under_review', reason: null, location: 'Surabaya', tons_or_kwh: '10.00', risk_score: 3 }
    const mine = { ...base, status: 'approved', reason: 'Fine', risk_score: 4 }
    const theirs = { ...base, status: 'rejected', location: 'Gresik', risk_score: 4 }
    expect(marks({ base, mine, theirs })).toEqual({
      status: 'both',
      reason: 'mine',
      location: 'theirs',
      tons_or_kwh: 'same',
      risk_score: 'agreed',
    })
  })

  it('says that sides differ where there is no base to tell who changed what', () => {
    expect(
      marks({ base: null, mine: { points: 3, note: 'x' }, theirs: { points: 5, note: 'x' } }, 'score.set'),
    ).toEqual({
      points: 'both',
      note: 'same',
    })
  })

  it('compares mine with the base alone while the cloud shows no row', () => {
    const base = { points: 3, note: 'a' }
    expect(marks({ base, mine: { points: 4, note: 'a' }, theirs: null }, 'score.set')).toEqual({
      points: 'mine',
      note: 'same',
    })
    expect(marks({ base: null, mine: { points: 4 }, theirs: null }, 'score.set')).toEqual({ points: 'mine' })
  })

  it('takes one moment in two spellings, and no text and none at all, for the same', () => {
    const base = { due_at: '2026-11-20T09:00:00.000Z', description: '' }
    const theirs = { due_at: '2026-11-20T16:00:00+07:00', description: null }
    expect(marks({ base, mine: base, theirs }, 'finding.close')).toEqual({ due_at: 'same' })
  })

  it('compares lists by what is in them', () => {
    const [base, theirs] = [{ evidence_ids: ['a'] }, { evidence_ids: ['b'] }]
    expect(compare({ base, mine: base, theirs }, 'score.set')).toMatchObject([
      { mark: 'theirs', base: '1 file', theirs: '1 file' },
    ])
  })

  it('puts values into the words of the field', () => {
    const side = {
      action: 'request_changes',
      status: 'changes_requested',
      standard: 'AEMAS',
      tons_or_kwh: '25.50',
      opinion: 'unmodified',
      content_hash: 'ab12'.repeat(16),
      actor_id: 'p1',
      decided_at: '2026-11-20T09:00:00.000Z',
      version: 4,
    }
    expect(
      Object.fromEntries(compare({ base: null, mine: side, theirs: side }).map((field) => [field.label, field.mine])),
    ).toEqual({
      Decision: 'Changes requested',
      Status: 'Changes requested',
      Opinion: 'Unmodified',
      Quantity: '25.50 kWh',
      'Content, with its evidence (SHA-256)': 'ab12ab12…ab12',
      'Decided by': 'person p1',
      'Decided at': 'at 2026-11-20T09:00:00.000Z',
      Version: '4',
    })
  })

  it('never calls who, when and which version a difference in the matter', () => {
    const [base, mine] = [
      { version: 1, actor_id: 'a' },
      { version: 1, actor_id: 'b' },
    ]
    expect(marks({ base, mine, theirs: { version: 2, actor_id: 'c' } })).toEqual({
      version: 'record',
      actor_id: 'record',
    })
  })
})

it('every kind of change has fields and words, and no field twice', () => {
  for (const kind of mutationKinds) {
    const names = fieldsOf[kind].map(({ name }) => name)
    expect(new Set(names).size, kind).toBe(names.length)
    expect(kindWords[kind].every((text) => text !== '')).toBe(true)
  }
})
