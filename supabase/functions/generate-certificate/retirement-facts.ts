/** All that a retirement certificate states, as the database has it. Decimals are text with two places. */
export interface RetirementFacts {
  readonly retirement_id: string
  readonly certificate_id: string
  readonly certificate_url: string | null
  readonly retirement_date: string
  readonly retirement_reason: string | null
  readonly created_at: string
  readonly plastic_credits: string
  readonly carbon_credits: string
  readonly buyer_id: string
  readonly buyer_name: string
  readonly buyer_organization: string | null
  readonly batch_id: string
  readonly batch_hash: string
  readonly standard: string
  readonly project_name: string
  readonly project_location: string
  readonly recycler_name: string
  readonly recycler_organization: string | null
}

const sameDecimal = (fact: string, given: unknown): boolean =>
  (typeof given === 'number' || (typeof given === 'string' && given.trim() !== '')) && Number(given) === Number(fact)

const sameText = (fact: string | null, given: unknown): boolean => (fact ?? '') === (given ?? '')

/** A day, or an instant of which only its day is asked. */
const sameDay = (fact: string, given: unknown): boolean =>
  typeof given === 'string' && (given === fact || given.startsWith(`${fact}T`))

/**
 * Names of those fields of a request that say something else than the database does. A field that is left out says
 * nothing; one that is not about the retirement is nobody's business.
 */
export const findContradictions = (
  facts: RetirementFacts,
  given: Readonly<Record<string, unknown>>,
): readonly string[] => {
  const agrees: Readonly<Record<string, (value: unknown) => boolean>> = {
    certificateId: (value) => sameText(facts.certificate_id, value),
    batchId: (value) => sameText(facts.batch_id, value),
    batchHash: (value) => sameText(facts.batch_hash, value),
    retirementDate: (value) => sameDay(facts.retirement_date, value),
    retirementId: (value) => sameText(facts.retirement_id, value),
    buyerName: (value) => sameText(facts.buyer_name, value),
    buyerOrganization: (value) => sameText(facts.buyer_organization, value),
    plasticCredits: (value) => sameDecimal(facts.plastic_credits, value),
    carbonCredits: (value) => sameDecimal(facts.carbon_credits, value),
    projectName: (value) => sameText(facts.project_name, value),
    recyclerName: (value) => sameText(facts.recycler_name, value),
    recyclerOrganization: (value) => sameText(facts.recycler_organization, value),
    projectLocation: (value) => sameText(facts.project_location, value),
    standard: (value) => sameText(facts.standard, value),
  }
  return Object.entries(agrees).flatMap(([name, agree]) =>
    given[name] === undefined || agree(given[name]) ? [] : [name],
  )
}
