import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { standards } from '../../../shared/domain/standard.ts'
import { type DemoPerson, demoPeopleOfKind } from '../people.ts'
import { uuidOf } from '../random.ts'

const recipe = z.object({
  key: z.string().min(1),
  name: z.string().min(1),
  standard: z.enum(standards),
  location: z.string().min(1),
  country: z.string().regex(/^[A-Z]{2}$/),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  timeZone: z.string().min(1),
  recycler: z.int().min(0).max(4),
  material: z.string().min(1),
})

/** A project of the demo register, with the recycler who runs it. */
export interface DemoProject extends Omit<z.infer<typeof recipe>, 'recycler'> {
  /** UUID, the same for every seed. */
  readonly id: string
  readonly owner: DemoPerson
}

const read = (): readonly DemoProject[] => {
  const file = new URL('../../../resources/demo/projects.json', import.meta.url)
  const recyclers = demoPeopleOfKind('recycler')
  return z
    .array(recipe)
    .parse(JSON.parse(readFileSync(file, 'utf8')))
    .map(({ recycler, ...project }) => {
      const owner = recyclers[recycler]
      if (owner === undefined) throw new RangeError(`${project.key}: there is no recycler ${recycler}`)
      return { ...project, id: uuidOf(`project:${project.key}`), owner }
    })
}

let known: readonly DemoProject[] | undefined

/** The 40 projects of `resources/demo/projects.json`. */
export const demoProjects = (): readonly DemoProject[] => {
  known ??= read()
  return known
}
