// The program beside its peers: a process of its own that mirrors from the same source and tells the same figures.
import { receivedPages } from './sync-rows.ts'
import { countFound, fromReceived, mirrorFrom, openEncrypted, pageRows } from './sync-workspace.ts'

const [source, rows] = process.argv.slice(2)
const count = Number(rows)
// Projects and people, which the others are not given, are here before the time begins to count.
const names = fromReceived(receivedPages(0, pageRows))
const bench = openEncrypted()
let page = 0
const started = performance.now()
await mirrorFrom(bench, async (table, after) => {
  if (table !== 'batches') return names(table, after)
  const response = await fetch(`${source}/pages/${page}`)
  page += 1
  const next = response.headers.get('x-next')
  return { text: await response.text(), next, total: count }
})
const found = countFound(bench, 'rina')
const milliseconds = performance.now() - started
const peakMegabytes = process.resourceUsage().maxRSS / 1024
bench.dispose()
process.send?.(
  found === count ? { milliseconds, peakMegabytes } : { problem: `${found} of ${count} rows were found` },
  () => process.exit(0),
)
