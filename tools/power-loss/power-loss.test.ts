import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRandom } from '../demo-data/random.ts'
import { cutPower } from './cut-power.ts'
import { type RecordedWorkload, recordWorkload, whyNotRecordable } from './record-workload.ts'
import { createRecordedDisk } from './recorded-disk.ts'

const minutes = 60_000
/** Another seed each time, unless one is given; a failure names its own. */
const seed = Number(process.env.VERIDESK_SEED ?? Math.floor(Math.random() * 2 ** 30))
const whyNot = whyNotRecordable()
if (whyNot !== null) console.warn(`Power loss is not tested: ${whyNot}.`)

describe.skipIf(whyNot !== null)('the power fails', { timeout: 5 * minutes }, () => {
  let folder: string
  let workload: RecordedWorkload
  const newFolder = (name: string) => mkdtempSync(path.join(folder, name))
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'veridesk-recorded-'))
    workload = recordWorkload(newFolder('careful-'), {
      rounds: 15,
      carelessDatabase: false,
      carelessVault: false,
      damaged: true,
    })
  }, 2 * minutes)
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

  const filesBelow = (root: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('-shm'))
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file) => [path.relative(root, file), readFileSync(file, 'base64')]),
    )

  it('the recording misses nothing: played to its end it is the disk, byte for byte', () => {
    const disk = createRecordedDisk(workload.root)
    for (const step of workload.steps) disk.apply(step)
    const target = newFolder('played-')
    disk.writeAfterPowerLoss(target, 'everything', openRandom(seed, 'all'))
    const played = filesBelow(target)
    expect(Object.keys(played).length).toBeGreaterThan(5)
    expect(played).toEqual(filesBelow(workload.root))
    const kinds = new Set(workload.steps.map(({ kind }) => kind))
    expect([...kinds]).toEqual(expect.arrayContaining(['write', 'truncate', 'sync', 'rename', 'sync_folder', 'mark']))
  })

  it('fault 7: whatever the disk kept of what was not synced, no decision, no file and no chain is lost', async () => {
    const { tried, faults } = await cutPower(workload, { seed, cuts: 150 })
    expect(tried).toBeGreaterThan(150)
    expect(faults, `VERIDESK_SEED=${seed}`).toEqual([])
  })

  it('fault 7: a database that syncs nothing is found to lose decisions, so the check can fail', async () => {
    const careless = recordWorkload(newFolder('careless-database-'), {
      rounds: 6,
      carelessDatabase: true,
      carelessVault: false,
      damaged: false,
    })
    const { faults } = await cutPower(careless, { seed, cuts: 0 })
    expect(faults.flatMap(({ wrong }) => wrong).some((line) => /^decision .* is lost$/.test(line))).toBe(true)
  })

  it('fault 7: a vault that syncs nothing is found to have files marked present without their bytes', async () => {
    const careless = recordWorkload(newFolder('careless-vault-'), {
      rounds: 6,
      carelessDatabase: false,
      carelessVault: true,
      damaged: false,
    })
    const { faults } = await cutPower(careless, { seed, cuts: 0 })
    expect(faults.flatMap(({ wrong }) => wrong).some((line) => line.includes('is marked present'))).toBe(true)
  })
})
