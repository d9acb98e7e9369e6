import type { PhotoRecipe } from '../photo/photo.ts'
import { uuidOf } from '../random.ts'
import { type PlannedFile, planFiles } from './batch-files.ts'
import { type Dossier, makeDossier } from './dossier.ts'
import { type DefectKind, fullEvidenceRecipes } from './full-evidence-recipes.ts'
import { demoProjects } from './projects.ts'

/** Something that is wrong on purpose, and where to see it. */
export interface PlannedDefect {
  readonly kind: DefectKind
  readonly batchKey: string
  readonly fileId: string
  /** The batch and file that it collides with, for duplicates. */
  readonly otherBatchKey: string | null
  readonly otherFileId: string | null
  /** One plain sentence. */
  readonly description: string
}

/** A batch with full evidence. */
export interface FullBatch {
  readonly batchId: string
  readonly dossier: Dossier
  readonly files: readonly PlannedFile[]
}

const descriptions: Readonly<Record<DefectKind, string>> = {
  photo_place: 'The place in the photo is about 47 km from the site.',
  photo_time: 'The photo claims to be taken 73 days before its truck was weighed, before the period.',
  duplicate_ticket: 'The ticket number and its weights are also used in another batch.',
  mass_balance: 'Intake and opening stock do not equal outputs, losses and closing stock.',
  altered_file: 'The stored file is not the one whose SHA-256 was registered: its net weight was raised.',
  duplicate_photo: 'The same photo, byte for byte, is evidence of another batch.',
  near_duplicate_photo: 'The same picture with another time, place and compression is evidence of another batch.',
  expired_calibration: 'The calibration had expired before the period began.',
  ticket_arithmetic: 'The printed net weight is 2 400 kg more than gross minus tare.',
  unreadable_file: 'The photo breaks off after a fiftieth of its bytes.',
}

const nameOfFile: Readonly<Record<DefectKind, string>> = {
  photo_place: 'photo-0',
  photo_time: 'photo-0',
  duplicate_ticket: 'ticket-0',
  mass_balance: 'mass-balance',
  altered_file: 'ticket-0',
  duplicate_photo: 'photo-1',
  near_duplicate_photo: 'photo-1',
  expired_calibration: 'calibration',
  ticket_arithmetic: 'ticket-1',
  unreadable_file: 'photo-0',
}

/** Puts another batch's load into the first place, with the same number and weights. */
const withLoadOf = (dossier: Dossier, other: Dossier): Dossier => {
  const [copied] = other.loads
  const [mine, ...rest] = dossier.loads
  if (copied === undefined || mine === undefined) throw new RangeError('both batches have loads')
  const loads = [
    { ...mine, ticketNumber: copied.ticketNumber, grossKg: copied.grossKg, tareKg: copied.tareKg, netKg: copied.netKg },
    ...rest,
  ]
  // The stock that is left takes up the difference, so that nothing but the number gives it away.
  const openingKg = dossier.balance.openingKg + mine.netKg - copied.netKg
  const shift = openingKg < 0 ? 2000 - openingKg : 0
  const balance = { ...dossier.balance, openingKg: openingKg + shift, closingKg: dossier.balance.closingKg + shift }
  return { ...dossier, loads, balance }
}

const copyPhoto = (file: PlannedFile, from: PlannedFile, mine: PhotoRecipe, isExact: boolean): PlannedFile => {
  if (from.recipe.make !== 'photo') throw new TypeError('a photo is copied from a photo')
  const photo = isExact
    ? from.recipe.photo
    : {
        ...mine,
        seed: from.recipe.photo.seed,
        siteSeed: from.recipe.photo.siteSeed,
        subject: from.recipe.photo.subject,
        quality: 62,
      }
  return { ...file, effectiveAt: photo.takenAt, recipe: { make: 'photo', photo } }
}

/** Plans the batches with full evidence, and what is wrong with some of them. */
export const planFullEvidence = (
  seed: number,
): { readonly batches: readonly FullBatch[]; readonly defects: readonly PlannedDefect[] } => {
  const projects = new Map(demoProjects().map((project) => [project.key, project]))
  const recipes = fullEvidenceRecipes()
  const dossiers = new Map(
    recipes.map((recipe) => {
      const project = projects.get(recipe.project)
      if (project === undefined) throw new RangeError(`${recipe.key}: there is no project ${recipe.project}`)
      return [recipe.key, makeDossier(recipe, project, seed)] as const
    }),
  )
  const get = (key: string | undefined): Dossier => {
    const dossier = dossiers.get(key ?? '')
    if (dossier === undefined) throw new RangeError(`there is no batch ${key}`)
    return dossier
  }
  for (const recipe of recipes) {
    const duplicate = recipe.defects.find((defect) => defect.kind === 'duplicate_ticket')
    if (duplicate !== undefined) dossiers.set(recipe.key, withLoadOf(get(recipe.key), get(duplicate.with)))
  }
  const files = new Map([...dossiers].map(([key, dossier]) => [key, planFiles(dossier)] as const))
  const fileOf = (key: string, kind: DefectKind): PlannedFile => {
    const id = uuidOf(`evidence:${key}:${nameOfFile[kind]}`)
    const file = files.get(key)?.find((candidate) => candidate.id === id)
    if (file === undefined) throw new RangeError(`${key} has no file for ${kind}`)
    return file
  }
  const change = (key: string, file: PlannedFile): void => {
    files.set(
      key,
      (files.get(key) ?? []).map((known) => (known.id === file.id ? file : known)),
    )
  }
  const defects: PlannedDefect[] = []
  for (const recipe of recipes) {
    for (const defect of recipe.defects) {
      const file = fileOf(recipe.key, defect.kind)
      const other = defect.with === undefined ? null : fileOf(defect.with, defect.kind)
      if (file.recipe.make === 'photo' && other !== null) {
        change(recipe.key, copyPhoto(file, other, file.recipe.photo, defect.kind === 'duplicate_photo'))
      }
      if (defect.kind === 'altered_file' && file.recipe.make === 'weighbridge_ticket') {
        const { load } = file.recipe
        const raised = { ...load, grossKg: load.grossKg + 3000, netKg: load.netKg + 3000 }
        change(recipe.key, { ...file, storedRecipe: { ...file.recipe, load: raised } })
      }
      defects.push({
        kind: defect.kind,
        batchKey: recipe.key,
        fileId: file.id,
        otherBatchKey: defect.with ?? null,
        otherFileId: other?.id ?? null,
        description: descriptions[defect.kind],
      })
    }
  }
  return {
    batches: recipes.map((recipe) => ({
      batchId: uuidOf(`batch:${recipe.key}`),
      dossier: get(recipe.key),
      files: files.get(recipe.key) ?? [],
    })),
    defects,
  }
}
