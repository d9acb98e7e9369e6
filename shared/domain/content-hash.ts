import type { Sha256 } from './ids.ts'

/** What a decision is bound to. Decimals are strings with two places, so that every language writes them alike. */
export interface ContentHashInput {
  readonly batch: {
    readonly id: string
    readonly batch_hash: string
    readonly user_id: string
    readonly project_id: string
    readonly standard: string
    readonly tons_or_kwh: string
    readonly location: string
    readonly date_submitted: string
    readonly description: string | null
  }
  readonly calculation: { readonly plastic_credits: string; readonly carbon_credits: string }
  /** Evidence that is not deleted, ordered by id. */
  readonly evidence: readonly { readonly id: string; readonly kind: string; readonly sha256: string }[]
  /** The rubric in force for the batch's standard; null where none is published. */
  readonly rubric: { readonly id: string; readonly revision: number } | null
}

/**
 * The text that is hashed: canonical JSON (RFC 8785) of the input with `"schema":1`. Every value is a string, an integer or null,
 * so the canonical form is sorted keys, no white space, and JSON's own string escapes. The cloud builds the same text in SQL.
 */
export function contentHashText(input: ContentHashInput): string {
  const { batch, calculation, rubric } = input
  const evidence = [...input.evidence]
    .sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0))
    .map(({ id, kind, sha256 }) => ({ id, kind, sha256 }))
  return JSON.stringify({
    batch: {
      batch_hash: batch.batch_hash,
      date_submitted: batch.date_submitted,
      description: batch.description,
      id: batch.id,
      location: batch.location,
      project_id: batch.project_id,
      standard: batch.standard,
      tons_or_kwh: batch.tons_or_kwh,
      user_id: batch.user_id,
    },
    calculation: { carbon_credits: calculation.carbon_credits, plastic_credits: calculation.plastic_credits },
    evidence,
    rubric: rubric === null ? null : { id: rubric.id, revision: rubric.revision },
    schema: 1,
  })
}

/** The content hash, given the platform's SHA-256 (hexadecimal, lower case) over UTF-8. */
export const contentHash = (input: ContentHashInput, sha256: (text: string) => string): Sha256 =>
  sha256(contentHashText(input)) as Sha256
