import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peakMegabytes } from './peak-memory.mjs'

/* What every peer's process does alike. It is started with the address of the source and the number of rows. */

/** Loads a package of the folder that the bench installed. */
export const load = createRequire(import.meta.url)

export const source = process.argv[2]
export const count = Number(process.argv[3])

/** Pages of rows from the loopback source, one after the other. */
export async function* pages() {
  for (let page = 0; ; page += 1) {
    const response = await fetch(`${source}/pages/${page}`)
    if (response.status === 404) return
    yield await response.json()
  }
}

/** Fields that are text or numbers, as these databases take them. */
export const flat = (row) => ({ ...row, risk_reasons: JSON.stringify(row.risk_reasons) })

/** Runs the work in a folder of its own and tells the bench how long it took until a row could be found, and the most memory held. */
export async function report(work) {
  const folder = mkdtempSync(join(tmpdir(), 'veridesk-peer-'))
  try {
    process.chdir(folder)
    const prepared = await work.open(folder)
    const started = performance.now()
    await work.mirror(prepared)
    const found = await work.find(prepared)
    const milliseconds = performance.now() - started
    if (found !== count) throw new Error(`${found} of ${count} rows were found`)
    process.send({ milliseconds, peakMegabytes: peakMegabytes() }, () => process.exit(0))
  } catch (error) {
    process.send({ problem: error instanceof Error ? error.message : String(error) }, () => process.exit(1))
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
