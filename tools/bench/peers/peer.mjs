import { randomUUID } from 'node:crypto'
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

/** Row of a decision, as long as one of ours is in the outbox. */
const decision = (number) => ({
  id: randomUUID(),
  batch_id: randomUUID(),
  body: JSON.stringify({ number, reason: 'The tickets do not add up', more: 'x'.repeat(620) }),
})

/** Posts changes to the service that only acknowledges. */
export async function post(changes) {
  const response = await fetch(`${source}/changes`, { method: 'POST', body: JSON.stringify(changes) })
  if (!response.ok) throw new Error(`The service answered ${response.status}`)
  await response.json()
}

/** Makes changes that wait, and tells the bench how long it took to send them until none waits any more. */
export const reportPush = (work) =>
  inFolder(async (folder) => {
    const prepared = await work.open(folder)
    await work.change(
      prepared,
      Array.from({ length: count }, (_, number) => decision(number)),
    )
    // Only here: what reads TypeScript would count as the memory of a peer.
    const { ownMilliseconds } = await import('../own-time.ts')
    const milliseconds = await ownMilliseconds(() => work.push(prepared))
    const waiting = await work.waiting(prepared)
    if (waiting !== 0) throw new Error(`${waiting} changes still wait`)
    return milliseconds
  })

/** Tells the bench how long it took until a row could be found, and the most memory held. */
export const report = (work) =>
  inFolder(async (folder) => {
    const prepared = await work.open(folder)
    const started = performance.now()
    await work.mirror(prepared)
    const found = await work.find(prepared)
    const milliseconds = performance.now() - started
    if (found !== count) throw new Error(`${found} of ${count} rows were found`)
    return milliseconds
  })

/** Runs the work in a folder of its own. */
async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'veridesk-peer-'))
  try {
    process.chdir(folder)
    const milliseconds = await work(folder)
    process.send({ milliseconds, peakMegabytes: peakMegabytes() }, () => process.exit(0))
  } catch (error) {
    process.send({ problem: error instanceof Error ? error.message : String(error) }, () => process.exit(1))
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
