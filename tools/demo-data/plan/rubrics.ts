import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type Standard, standards } from '../../../shared/domain/standard.ts'
import { criterionDto } from '../../../shared/wire/rows.ts'
import { uuidOf } from '../random.ts'

const rubricFile = z.strictObject({
  standard: z.enum(standards),
  revision: z.int().min(1),
  title: z.string().min(1),
  criteria: z.array(z.strictObject(criterionDto.shape)).min(1),
})

/** A rubric of `resources/rubrics`, with the id that it has in the demo register. */
export type DefaultRubric = z.infer<typeof rubricFile> & { readonly id: string }

/** Reads the default rubric of a standard. Throws where the file is not a rubric: it is part of the program. */
export const readDefaultRubric = (standard: Standard): DefaultRubric => {
  const file = new URL(`../../../resources/rubrics/${standard}.json`, import.meta.url)
  const rubric = rubricFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  return { ...rubric, id: uuidOf(`rubric:${standard}:${rubric.revision}`) }
}

/** The default rubrics of all standards. */
export const readDefaultRubrics = (): readonly DefaultRubric[] => standards.map(readDefaultRubric)
