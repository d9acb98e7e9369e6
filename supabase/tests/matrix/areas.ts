import { access } from './access.ts'
import { accessGrants } from './access-grants.ts'
import { accounts } from './accounts.ts'
import type { Area, DescribeArea } from './area.ts'
import { audit } from './audit.ts'
import { events } from './events.ts'
import { operations } from './operations.ts'
import { people } from './people.ts'
import { registry } from './registry.ts'
import { review } from './review.ts'
import { sync } from './sync.ts'
import type { World } from './world.ts'

/** Every part of the schema. What is not described by one of them fails the matrix. */
const areas: readonly DescribeArea[] = [
  access,
  accessGrants,
  review,
  accounts,
  sync,
  registry,
  events,
  people,
  audit,
  operations,
]

/** The whole matrix of a world. A table or function that two parts describe is a mistake. */
export const describeEverything = (world: World): Area => {
  const parts = areas.map((area) => area(world))
  const merge = <Row>(of: (part: Area) => Readonly<Record<string, Row>>): Record<string, Row> => {
    const merged: Record<string, Row> = {}
    for (const part of parts)
      for (const [name, row] of Object.entries(of(part))) {
        if (name in merged) throw new Error(`${name} is described twice`)
        merged[name] = row
      }
    return merged
  }
  return {
    tables: merge((part) => part.tables),
    functions: merge((part) => part.functions),
    writableColumns: merge((part) => part.writableColumns),
  }
}
