import type { BatchDetail, Statement } from '../../../../shared/contract/views.ts'
import { type AssuranceLevel, assuranceLevels, type Opinion, opinions } from '../../../../shared/domain/decision.ts'
import type { Gate } from '../../../../shared/domain/gate.ts'

/** The form of the verification statement, as it is typed. */
export interface StatementForm {
  readonly opinion: Opinion
  readonly assuranceLevel: AssuranceLevel
  readonly addressee: string
  readonly procedures: string
  readonly basis: string
  /** Messages of the gates that the person has acknowledged: a gate that says something else must be ticked anew. */
  readonly acknowledged: readonly string[]
}

/** What is wrong with a form, by field. */
export type StatementErrors = Readonly<Partial<Record<'addressee' | 'procedures' | 'basis', string>>>

/** What each opinion is called, and when it is given (ISO 14064-3, 9.7; ISAE 3410). */
export const opinionWords: Readonly<Record<Opinion, { readonly label: string; readonly meaning: string }>> = {
  unmodified: { label: 'Unmodified', meaning: 'The claim is fairly stated in all material respects.' },
  qualified: { label: 'Qualified (modified)', meaning: 'Fairly stated, except for what the basis names.' },
  adverse: { label: 'Adverse', meaning: 'The claim is materially misstated.' },
  disclaimed: { label: 'Disclaimed', meaning: 'The evidence is not enough to give an opinion.' },
}

/** What each level of assurance is called, and how its conclusion is worded. */
export const assuranceWords: Readonly<Record<AssuranceLevel, { readonly label: string; readonly meaning: string }>> = {
  reasonable: { label: 'Reasonable', meaning: 'Worded positively: "is, in all material respects, …".' },
  limited: {
    label: 'Limited',
    meaning: 'Worded negatively: "nothing has come to our attention that … is not …".',
  },
}

/** Procedures as an auditor usually performs them on such a batch, one per line. */
const usualProcedures = [
  'Inspection of the evidence files that this certificate lists, by their SHA-256.',
  'Recalculation of quantities, mass balance and credits from source records.',
  'Comparison of dates, places and control numbers across tickets, logs and photos.',
  'Check of the calibration of the weighing and measuring equipment for the period.',
  'Search for duplicate tickets, files and photos among the batches at hand.',
  'Scoring of every criterion of the rubric, with the evidence that each score rests on.',
].join('\n')

/** A form with what is usual for a batch. */
export const startOfStatement = (detail: BatchDetail): StatementForm => ({
  opinion: 'unmodified',
  assuranceLevel: 'reasonable',
  addressee: detail.recyclerOrganization ?? detail.recyclerName,
  procedures: usualProcedures,
  basis: '',
  acknowledged: [],
})

/** Checks a form. Empty: it can be signed. */
export function statementErrors(form: StatementForm): StatementErrors {
  const errors: { -readonly [Field in keyof StatementErrors]: string } = {}
  if (form.addressee.trim() === '') errors.addressee = 'Name who the statement is for.'
  if (form.procedures.trim() === '') errors.procedures = 'Write what was done, one procedure per line.'
  if (form.opinion !== 'unmodified' && form.basis.trim() === '')
    errors.basis = 'An opinion that is not unmodified needs its basis.'
  return errors
}

/** Gates that must be ticked and are not. */
export const unacknowledged = (gates: readonly Gate[], form: StatementForm): readonly Gate[] =>
  gates.filter((gate) => gate.severity === 'acknowledge' && !form.acknowledged.includes(gate.message))

/** The statement that goes on the certificate. */
export const statementOf = (form: StatementForm, gates: readonly Gate[]): Statement => ({
  opinion: form.opinion,
  assuranceLevel: form.assuranceLevel,
  addressee: form.addressee.trim(),
  procedures: form.procedures.trim(),
  basis: form.opinion === 'unmodified' ? '' : form.basis.trim(),
  acknowledgedGates: gates
    .filter((gate) => gate.severity === 'acknowledge' && form.acknowledged.includes(gate.message))
    .map(({ code }) => code),
})

/** Reads a kept form; fields that cannot be read are as usual. Null where none is kept. */
export function readStatementForm(body: string | null, usual: StatementForm): StatementForm | null {
  if (body === null) return null
  try {
    const saved: unknown = JSON.parse(body)
    if (typeof saved !== 'object' || saved === null) return null
    const fields = saved as Readonly<Record<string, unknown>>
    const text = (name: 'addressee' | 'procedures' | 'basis'): string => {
      const value = fields[name]
      return typeof value === 'string' ? value : usual[name]
    }
    const acknowledged: readonly unknown[] = Array.isArray(fields.acknowledged) ? fields.acknowledged : []
    return {
      opinion: opinions.find((opinion) => opinion === fields.opinion) ?? usual.opinion,
      assuranceLevel: assuranceLevels.find((level) => level === fields.assuranceLevel) ?? usual.assuranceLevel,
      addressee: text('addressee'),
      procedures: text('procedures'),
      basis: text('basis'),
      acknowledged: acknowledged.filter((message) => typeof message === 'string'),
    }
  } catch {
    return null
  }
}
