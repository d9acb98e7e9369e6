import { describe, expect, it } from 'vitest'
import type { BatchDetail } from '../../../../shared/contract/views.ts'
import type { Gate } from '../../../../shared/domain/gate.ts'
import {
  readStatementForm,
  type StatementForm,
  startOfStatement,
  statementErrors,
  statementOf,
  unacknowledged,
} from './statement-form.ts'

const usual = startOfStatement({ recyclerName: 'Siti', recyclerOrganization: 'Citra Daur' } as unknown as BatchDetail)
const unviewed: Gate = {
  code: 'unviewed_evidence',
  severity: 'acknowledge',
  message: 'You have not opened 2 files.',
  action: 'Open them, or acknowledge it.',
  subjects: [],
}

describe('the statement', () => {
  it('starts with the usual procedures, one per line, for the recycler', () => {
    expect(usual).toMatchObject({ opinion: 'unmodified', assuranceLevel: 'reasonable', addressee: 'Citra Daur' })
    expect(usual.procedures.split('\n').length).toBeGreaterThan(3)
    expect(statementErrors(usual)).toEqual({})
  })

  it('needs a basis for every opinion that is not unmodified', () => {
    const qualified: StatementForm = { ...usual, opinion: 'qualified' }
    expect(Object.keys(statementErrors(qualified))).toEqual(['basis'])
    expect(statementErrors({ ...qualified, basis: 'One ticket is missing.' })).toEqual({})
  })

  it('carries no basis under an unmodified opinion', () => {
    expect(statementOf({ ...usual, basis: 'left over' }, []).basis).toBe('')
  })

  it('counts a tick only for the words that were ticked', () => {
    const ticked: StatementForm = { ...usual, acknowledged: [unviewed.message] }
    expect(unacknowledged([unviewed], usual)).toEqual([unviewed])
    expect(unacknowledged([unviewed], ticked)).toEqual([])
    expect(statementOf(ticked, [unviewed]).acknowledgedGates).toEqual(['unviewed_evidence'])
    const more = { ...unviewed, message: 'You have not opened 3 files.' }
    expect(unacknowledged([more], ticked)).toEqual([more])
    expect(statementOf(ticked, [more]).acknowledgedGates).toEqual([])
  })

  it('comes back after a restart, and takes the usual for what cannot be read', () => {
    const form: StatementForm = { ...usual, opinion: 'adverse', basis: 'Counted twice.', acknowledged: ['seen'] }
    expect(readStatementForm(JSON.stringify(form), usual)).toEqual(form)
    expect(readStatementForm('{"opinion":"perfect"}', usual)).toEqual(usual)
    expect(readStatementForm('not a form', usual)).toBeNull()
  })
})
