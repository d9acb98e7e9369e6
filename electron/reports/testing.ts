import { fixture, insertInto, people, type TestWorkspace } from '../database/testing.ts'

/** Where the fonts of the program lie in the sources. */
export const fontsDirectory = `${import.meta.dirname}/../../resources/fonts`

/** Mirrors a decision that was taken at an instant; number 0 and up, in the order they are told. */
export function insertDecision(
  { database }: TestWorkspace,
  number: number,
  decidedAt: string,
  more: Readonly<Record<string, string | number | null>> = {},
): string {
  const id = `decision-${String(number).padStart(4, '0')}`
  const row = {
    id,
    batch_id: fixture.batch(0),
    actor_id: people.desk.id,
    action: 'approve',
    from_status: 'under_review',
    to_status: 'approved',
    reason_code: 'other',
    reason: `Reason ${number}`,
    score: 437,
    content_hash: 'ab'.repeat(32),
    unviewed_evidence_count: 0,
    decided_at: decidedAt,
    received_at: decidedAt,
    version: 1,
    scopes: 1,
  }
  database.write((handle) => insertInto(handle, 'decision', { ...row, ...more }))
  return id
}
