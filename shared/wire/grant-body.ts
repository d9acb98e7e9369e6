import { z } from 'zod'
import { declarationSubjects, declarations } from '../domain/access-grant.ts'
import { standards } from '../domain/standard.ts'

const instant = z.iso.datetime({ precision: 3 })
const common = {
  id: z.guid(),
  user_id: z.guid(),
  valid_from: instant,
  valid_until: instant,
  issued_by: z.guid().nullable(),
  issued_at: instant,
}

/** What a grant says: the text that is signed, canonical JSON (RFC 8785), parsed. Instants are UTC with milliseconds. */
export const grantBody = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('accreditation'),
    subject: z.object({ standards: z.array(z.enum(standards)), body: z.string(), number: z.string() }),
  }),
  z.object({
    ...common,
    kind: z.literal('independence'),
    subject: z.object({
      declaration: z.enum(declarations),
      about_kind: z.enum(declarationSubjects),
      about_id: z.guid(),
      statement: z.string(),
    }),
  }),
  z.object({
    ...common,
    kind: z.literal('rotation'),
    subject: z.object({
      recycler_id: z.guid(),
      engagements: z.int().min(0),
      counted: z.int().min(0),
      counted_at: instant,
    }),
  }),
])
export type GrantBody = z.infer<typeof grantBody>
