import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openRandom } from '../demo-data/random.ts'
import { checkWorkspace } from './check-workspace.ts'
import type { RecordedWorkload } from './record-workload.ts'
import { createRecordedDisk, losses } from './recorded-disk.ts'
import type { Mark } from './workload-marks.ts'

/** One power loss after which something was wrong. */
export interface PowerLossFault {
  readonly afterStep: number
  readonly loss: string
  readonly wrong: readonly string[]
}

/**
 * Cuts the power at `cuts` moments of a workload that are drawn from the seed, and right after every mark; starts the workspace on what
 * is left of the disk each time, and answers with what was wrong.
 */
export async function cutPower(
  { root, steps }: RecordedWorkload,
  { seed, cuts }: { readonly seed: number; readonly cuts: number },
): Promise<{ readonly tried: number; readonly faults: readonly PowerLossFault[] }> {
  const random = openRandom(seed, 'power loss')
  const moments = new Set(Array.from({ length: cuts }, () => random.integer(0, steps.length - 1)))
  const disk = createRecordedDisk(root)
  const done: Mark[] = []
  const faults: PowerLossFault[] = []
  let tried = 0
  for (const [index, step] of steps.entries()) {
    disk.apply(step)
    if (step.kind === 'mark') done.push(JSON.parse(step.text))
    // What was just acknowledged must be there however little the disk kept; elsewhere one way of losing is drawn.
    const ways = step.kind === 'mark' ? losses : moments.has(index) ? [random.pick(losses)] : []
    for (const loss of ways) {
      const folder = mkdtempSync(path.join(tmpdir(), 'veridesk-power-'))
      disk.writeAfterPowerLoss(folder, loss, openRandom(seed, `${index} ${loss}`))
      const wrong = await checkWorkspace(folder, done)
      if (wrong.length > 0) faults.push({ afterStep: index, loss, wrong })
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
      tried += 1
    }
  }
  return { tried, faults }
}
