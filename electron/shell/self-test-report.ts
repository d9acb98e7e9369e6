/** What a check found, for a support engineer: versions, states, counts. Nothing of the person's data. */
export type CheckFacts = Readonly<Record<string, unknown>>

/** One checked part of the program. */
export interface CheckOutcome {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'not applicable'
  readonly milliseconds: number
  readonly facts: CheckFacts
  /** What is wrong; null unless it failed. */
  readonly problem: string | null
}

/** What `--self-test` prints as JSON. */
export interface SelfTestReport {
  /** False when a check failed. */
  readonly ok: boolean
  readonly program: CheckFacts
  readonly versions: Readonly<Record<string, string>>
  readonly checks: readonly CheckOutcome[]
}

/** A check: gives its facts, throws an Error that says what is wrong, or says that it does not apply. */
export interface Check {
  readonly name: string
  readonly run: () => Promise<CheckFacts | NotApplicable>
}

/** Answer of a check that has nothing to look at here. */
export class NotApplicable {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** How long one check may take. */
const limitMilliseconds = 20_000

async function runCheck({ name, run }: Check): Promise<CheckOutcome> {
  const started = performance.now()
  const finish = (rest: Omit<CheckOutcome, 'name' | 'milliseconds'>): CheckOutcome => ({
    name,
    milliseconds: Math.round(performance.now() - started),
    ...rest,
  })
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${limitMilliseconds / 1000} s`)), limitMilliseconds)
  })
  try {
    const facts = await Promise.race([run(), tooLong])
    return facts instanceof NotApplicable
      ? finish({ outcome: 'not applicable', facts: { reason: facts.reason }, problem: null })
      : finish({ outcome: 'passed', facts, problem: null })
  } catch (error) {
    return finish({ outcome: 'failed', facts: {}, problem: error instanceof Error ? error.message : String(error) })
  } finally {
    clearTimeout(timer)
  }
}

/** Runs checks one after the other: a failed one does not keep the others from running. */
export async function runChecks(checks: readonly Check[]): Promise<readonly CheckOutcome[]> {
  const outcomes: CheckOutcome[] = []
  for (const check of checks) outcomes.push(await runCheck(check))
  return outcomes
}

/** Throws with `problem` unless a condition holds. */
export function ensure(holds: boolean, problem: string): void {
  if (!holds) throw new Error(problem)
}
