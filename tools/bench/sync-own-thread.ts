// The database thread of `sync-own.ts`: mirrors all batches of the source into an encrypted database.
import { parentPort, workerData } from 'node:worker_threads'
import { receivedPages } from './sync-rows.ts'
import { countFound, fromReceived, mirrorFrom, openEncrypted, pageRows } from './sync-workspace.ts'

const { source, count } = workerData as { readonly source: string; readonly count: number }
// Projects and people, which the others are not given, are here before the time begins to count.
const names = fromReceived(receivedPages(0, pageRows))
const bench = openEncrypted()
let page = 0
const started = performance.now()
await mirrorFrom(bench, async (table, after) => {
  if (table !== 'batches') return names(table, after)
  page += 1
  return fetch(`${source}/answers/${page - 1}`)
})
const found = countFound(bench, 'rina')
const milliseconds = performance.now() - started
bench.dispose()
parentPort?.postMessage(found === count ? { milliseconds } : { problem: `${found} of ${count} rows were found` })
