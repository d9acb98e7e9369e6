import type { BatchData } from './batch-data.ts'

/** What `public.ai_validation_facts` knows under the caller's rights. */
export interface RegisterFacts {
  readonly standards: readonly string[]
  /** `YYYY-MM-DD`, UTC. */
  readonly today: string
  readonly project: { readonly name: string; readonly location: string; readonly standard: string } | null
  readonly period: { readonly start: string | null; readonly end: string | null } | null
  /** Other batches that the caller may read, with the same quantity, date and place. */
  readonly duplicates: number
}

/** One rule that did not hold. */
export interface BrokenRule {
  /** Never changes its meaning. */
  readonly rule: string
  readonly sentence: string
  readonly recommendation: string
  /** How much of the confidence it takes, in hundredths. */
  readonly weight: number
  /** False for what is worth a look and does not flag the batch by itself. */
  readonly flags: boolean
}

/**
 * From which quantity on one batch is unlikely: tonnes, and kWh for AEMAS. The registry publishes no limits; these are this
 * project's own, an order of magnitude above the largest deliveries of a month.
 */
const plausible: Readonly<Record<string, { readonly least: number; readonly most: number; readonly unit: string }>> = {
  APRS: { least: 0.05, most: 5_000, unit: 't' },
  ARCS: { least: 0.05, most: 100_000, unit: 't' },
  AEMAS: { least: 10, most: 50_000_000, unit: 'kWh' },
  ACCCS: { least: 0.05, most: 100_000, unit: 't' },
  AMCAVS: { least: 0.05, most: 100_000, unit: 't' },
  PCX: { least: 0.05, most: 5_000, unit: 't' },
}

const oldestMonths = 24
const leastDescription = 20

/** True for a day of the calendar as `YYYY-MM-DD`. */
export const isDate = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00.000Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** The same day `months` earlier, or the last day of that month. */
const monthsBefore = (date: string, months: number): string => {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  const last = new Date(Date.UTC(year, month - months, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 - months, Math.min(day, last))).toISOString().slice(0, 10)
}

const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 2)

const sharesAWord = (one: string, other: string): boolean => {
  const words = new Set(wordsOf(other))
  return words.size === 0 || wordsOf(one).some((word) => words.has(word))
}

const broken = (
  rule: string,
  sentence: string,
  recommendation: string,
  weight: number,
  flags = true,
): readonly BrokenRule[] => [{ rule, sentence, recommendation, weight, flags }]

const holds: readonly BrokenRule[] = []

const checkStandard = ({ standard }: BatchData, { standards }: RegisterFacts): readonly BrokenRule[] =>
  (standards.length > 0 ? standards : Object.keys(plausible)).includes(standard)
    ? holds
    : broken('unknown_standard', 'The standard is not one of the registry.', 'Name one of the six standards.', 40)

const checkQuantity = ({ standard, tons_or_kwh: quantity }: BatchData): readonly BrokenRule[] => {
  if (quantity <= 0)
    return broken('quantity_not_positive', 'The quantity is not above zero.', 'Enter what was weighed or metered.', 40)
  if (Math.abs(quantity * 100 - Math.round(quantity * 100)) > 1e-6)
    return broken(
      'quantity_too_precise',
      'The quantity has more than two decimals.',
      'Round it to two decimals.',
      5,
      false,
    )
  const limits = Object.hasOwn(plausible, standard) ? plausible[standard] : undefined
  if (limits === undefined) return holds
  if (quantity > limits.most)
    return broken(
      'quantity_implausible_high',
      `The quantity is above ${limits.most} ${limits.unit}, which is unlikely for one batch of ${standard}.`,
      'Check the unit and the decimal point against the tickets.',
      25,
    )
  if (quantity < limits.least)
    return broken(
      'quantity_implausible_low',
      `The quantity is below ${limits.least} ${limits.unit}, which is unlikely for one batch of ${standard}.`,
      'Check the unit and the decimal point against the tickets.',
      15,
    )
  return holds
}

const checkDate = ({ date_submitted: date }: BatchData, { today, period }: RegisterFacts): readonly BrokenRule[] => {
  if (!isDate(date)) return broken('date_unreadable', 'The date is not a calendar date.', 'Write it as YYYY-MM-DD.', 40)
  if (date > today) return broken('date_in_future', 'The date lies in the future.', 'Enter the day of submission.', 30)
  if (date < monthsBefore(today, oldestMonths))
    return broken(
      'date_too_old',
      `The date is more than ${oldestMonths} months ago.`,
      'Ask why it is submitted only now, and for proof of the date.',
      20,
    )
  if (period?.end != null && period.end > date)
    return broken(
      'period_after_submission',
      'The period of the batch ends after it was submitted.',
      'Correct the period, or submit the batch when it has ended.',
      20,
    )
  return holds
}

const checkDescription = ({ description }: BatchData): readonly BrokenRule[] => {
  const length = (description ?? '').trim().length
  if (length === 0)
    return broken(
      'description_missing',
      'There is no description.',
      'Describe material, origin and treatment.',
      10,
      false,
    )
  return length < leastDescription
    ? broken(
        'description_too_short',
        `The description has fewer than ${leastDescription} characters.`,
        'Describe material, origin and treatment.',
        5,
        false,
      )
    : holds
}

const checkPlace = ({ location, standard }: BatchData, { project }: RegisterFacts): readonly BrokenRule[] => {
  if (location.trim().length < 2)
    return broken('location_missing', 'The place is missing.', 'Name town and country of the site.', 20)
  if (project === null) return holds
  return [
    ...(sharesAWord(location, project.location)
      ? holds
      : broken(
          'location_differs_from_project',
          'The place has nothing in common with that of the project.',
          "Compare the site's address with the tickets and the photos.",
          15,
        )),
    ...(project.standard === standard
      ? holds
      : broken(
          'standard_differs_from_project',
          'The standard is not that of the project.',
          'Check under which standard the project is registered.',
          20,
        )),
  ]
}

const checkDuplicates = (_data: BatchData, { duplicates }: RegisterFacts): readonly BrokenRule[] =>
  duplicates === 0
    ? holds
    : broken(
        'possible_duplicate',
        `${duplicates === 1 ? 'Another batch has' : `${duplicates} other batches have`} the same quantity, date and place.`,
        'Compare ticket numbers and photos with those batches.',
        30,
      )

/** Every rule that does not hold, in a fixed order. The same data and facts always give the same answer. */
export const checkRules = (data: BatchData, facts: RegisterFacts): readonly BrokenRule[] =>
  [checkStandard, checkQuantity, checkDate, checkPlace, checkDescription, checkDuplicates].flatMap((check) =>
    check(data, facts),
  )

/** How sure the rules are that nothing is wrong: 1.00 less the weights of the broken ones, at least 0.05, in steps of a hundredth. */
export const confidenceOf = (rules: readonly BrokenRule[]): number =>
  Math.max(5, 100 - rules.reduce((sum, { weight }) => sum + weight, 0)) / 100
