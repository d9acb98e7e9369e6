import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** What can be wrong with a batch on purpose. */
export const defectKinds = [
  'photo_place',
  'photo_time',
  'duplicate_ticket',
  'mass_balance',
  'altered_file',
  'duplicate_photo',
  'near_duplicate_photo',
  'expired_calibration',
  'ticket_arithmetic',
  'unreadable_file',
] as const

/** One of the things that can be wrong. */
export type DefectKind = (typeof defectKinds)[number]

const recipe = z.strictObject({
  key: z.string().min(1),
  project: z.string().min(1),
  status: z.enum(['approved', 'under_review']),
  /** Which desk verifier and which auditor, counted from 0. */
  desk: z.int().min(0).max(2),
  auditor: z.int().min(0).max(2).nullable(),
  /** Truckloads, or meter readings. */
  loads: z.int().min(2).max(8),
  photos: z.int().min(1).max(4),
  scanPages: z.int().min(0).max(200),
  periodStart: z.string().regex(/^\d{4}-\d{2}-01$/),
  laboratory: z.boolean(),
  defects: z.array(
    z.strictObject({
      kind: z.enum(defectKinds),
      /** The batch that the duplicate was taken from. */
      with: z.string().optional(),
    }),
  ),
})

/** How one of the batches with full evidence is made. */
export type FullEvidenceRecipe = z.infer<typeof recipe>

/** The 24 recipes of `resources/demo/full-evidence.json`. */
export const fullEvidenceRecipes = (): readonly FullEvidenceRecipe[] => {
  const file = new URL('../../../resources/demo/full-evidence.json', import.meta.url)
  return z.array(recipe).parse(JSON.parse(readFileSync(file, 'utf8')))
}
