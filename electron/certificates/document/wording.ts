import { assertNever } from '../../../shared/assert-never.ts'
import type { AssuranceLevel, Opinion } from '../../../shared/domain/decision.ts'
import type { CertificateData } from './certificate-data.ts'
import { formatAmount, formatDay } from './format.ts'

/** The name of an opinion, as it is printed large. */
export const opinionTitle: Readonly<Record<Opinion, string>> = {
  unmodified: 'Unmodified opinion',
  qualified: 'Modified (qualified) opinion',
  adverse: 'Adverse opinion',
  disclaimed: 'Disclaimer of opinion',
}

/** The name of a level of assurance. */
export const assuranceTitle: Readonly<Record<AssuranceLevel, string>> = {
  reasonable: 'Reasonable assurance',
  limited: 'Limited assurance',
}

/** The heading above the reasons of an opinion that is not unmodified. */
export const basisTitle: Readonly<Record<Exclude<Opinion, 'unmodified'>, string>> = {
  qualified: 'Basis for the qualified opinion',
  adverse: 'Basis for the adverse opinion',
  disclaimed: 'Basis for the disclaimer of opinion',
}

/** Said on every certificate, whatever its opinion. */
export const notACredit =
  'This certificate states the opinion of the verifier named above. It is not a credit, it transfers no credit, and it is not a ' +
  'retirement of one. Credits are issued and retired in the registry alone.'

/** What the criteria are called: standard and rubric, with its version. */
export function criteriaName({ criteria }: Pick<CertificateData, 'criteria'>): string {
  const { standard, standardTitle } = criteria
  const title = standardTitle === standard ? standard : `${standardTitle} (${standard})`
  return `${title}, as applied by the ${rubricName({ criteria })}`
}

/** Such as `Veridesk default rubric v1`. */
export function rubricName({ criteria }: Pick<CertificateData, 'criteria'>): string {
  return `${criteria.rubricTitle} v${criteria.rubricVersion.replace(/^v/, '')}`
}

/**
 * The conclusion in the form that the opinion and the level of assurance call for (ISO 14064-3:2019, 6.3 and 9.7; ISAE 3410):
 * positive for reasonable assurance, negative ("nothing has come to our attention") for limited.
 */
export function conclusion(data: CertificateData): string {
  const statement = statementName(data)
  const criteria = criteriaName(data)
  const reasonable = data.assurance === 'reasonable'
  const opening = reasonable ? 'In our opinion,' : 'Based on the procedures we performed and the evidence we obtained,'
  const conformity = `${statement} is, in all material respects, fairly stated in accordance with ${criteria}.`
  const negative =
    `nothing has come to our attention that causes us to believe that ${statement} is not, in all material ` +
    `respects, fairly stated in accordance with ${criteria}.`
  switch (data.opinion) {
    case 'unmodified':
      return `${opening} ${reasonable ? conformity : negative}`
    case 'qualified': {
      const exception = 'except for the matter described under “Basis for the qualified opinion”,'
      return reasonable ? `In our opinion, ${exception} ${conformity}` : `${opening} ${exception} ${negative}`
    }
    case 'adverse':
      return (
        `${opening} because of the significance of the matter described under “Basis for the adverse opinion”, ` +
        `${statement} is not fairly stated in accordance with ${criteria}.`
      )
    case 'disclaimed':
      return (
        'Because of the significance of the matter described under “Basis for the disclaimer of opinion”, we have not been able ' +
        `to obtain sufficient appropriate evidence to provide a basis for a conclusion. Accordingly, we express no opinion on whether ${statement} ` +
        `is fairly stated in accordance with ${criteria}.`
      )
    default:
      return assertNever(data.opinion)
  }
}

/** What the level of assurance means, in the words that keep a reader from taking one for the other. */
export function assuranceExplanation(assurance: AssuranceLevel): string {
  switch (assurance) {
    case 'reasonable':
      return (
        'Reasonable assurance is a high, though not absolute, level of assurance: procedures were planned and performed so that ' +
        'the risk of a material misstatement remaining undetected is low.'
      )
    case 'limited':
      return (
        'Limited assurance rests on procedures that are narrower in nature and extent than those for reasonable assurance. The ' +
        'level of assurance obtained is accordingly lower.'
      )
    default:
      return assertNever(assurance)
  }
}

/** The recycler's claim, which is what an opinion is about. */
function statementName({ batch, period }: CertificateData): string {
  const quantity = `${formatAmount(batch.quantity)} ${batch.unit}`
  const credits = [
    ...(batch.plasticCredits === 0 ? [] : [`${formatAmount(batch.plasticCredits)} plastic credits`]),
    ...(batch.carbonCredits === 0 ? [] : [`${formatAmount(batch.carbonCredits)} carbon credits`]),
  ]
  const giving = credits.length === 0 ? '' : `, giving ${credits.join(' and ')},`
  return (
    `the statement of ${batch.recycler} that this batch comprises ${quantity} for the period from ` +
    `${formatDay(period.from)} to ${formatDay(period.to)}${giving}`
  )
}
