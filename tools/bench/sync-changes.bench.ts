import { type BenchRow, percentile } from './bench-row.ts'
import { ownMilliseconds } from './own-time.ts'
import { benchBatch, receivedPages } from './sync-rows.ts'
import { fromReceived, mirrorFrom, openEncrypted, type PageSource, pageRows, pullChanged } from './sync-workspace.ts'

const sizes = [1000, 10_000, 100_000, 1_000_000] as const
const changedRows = 100
const rounds = 9

/** Ids in the order of their numbers, so that a page of a million rows can be made when it is asked for. */
const idOf = (number: number): string => `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`
const batchOf = (number: number, version = 1) => ({ ...benchBatch(number, version), id: idOf(number) })

function generated(size: number): PageSource {
  const names = fromReceived(receivedPages(0, pageRows))
  return async (table, after) => {
    if (table !== 'batches') return names(table, after)
    const first = after === null ? 0 : Number.parseInt(after.slice(0, 8), 16) + 1
    const rows = Array.from({ length: Math.min(pageRows, size - first) }, (_, index) => batchOf(first + index))
    return {
      text: JSON.stringify(rows),
      next: first + rows.length < size ? (rows.at(-1)?.id ?? null) : null,
      total: size,
    }
  }
}

/**
 * A pull that brings 100 changed rows, from anywhere in the mirror, into encrypted databases of four sizes: the client's side, from
 * the page as text until each row can be found as it now is. The rows are generated here; what the cloud takes for the same page does
 * not depend on the size of anybody's mirror.
 */
export async function benchSyncChanges(): Promise<BenchRow[]> {
  const medians: number[] = []
  for (const size of sizes) medians.push(await measureAt(size))
  const [smallest = Number.NaN] = medians
  const growth = (medians.at(-1) ?? Number.NaN) / smallest
  const rows = sizes.map((size, index): BenchRow => {
    const value = medians[index] ?? Number.NaN
    return {
      name: `100 changed rows into ${size.toLocaleString('en')} mirrored`,
      value,
      unit: 'ms',
      target: 40,
      better: 'lower',
      ok: value <= 40,
      peer: { name: `the same into ${sizes[0].toLocaleString('en')}`, value: smallest, unit: 'ms' },
    }
  })
  const name = '1,000,000 mirrored beside 1,000'
  return [...rows, { name, value: growth, unit: 'x', target: 1.3, better: 'lower', ok: growth <= 1.3 }]
}

async function measureAt(size: number): Promise<number> {
  const bench = openEncrypted()
  try {
    await mirrorFrom(bench, generated(size))
    const samples: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const rows = Array.from({ length: changedRows }, (_, index) => {
        const number = (index * Math.floor(size / changedRows) + round) % size
        return { ...batchOf(number, round + 2), location: `Moved in round ${round}` }
      })
      const text = JSON.stringify(rows.map((row) => ({ table: 'batches', id: row.id, op: 'U', version: 1, row })))
      samples.push(await ownMilliseconds(() => pullChanged(bench, text)))
    }
    const moved = bench.database.write((handle) =>
      handle.prepare("select count(*) as found from batch where location = 'Moved in round 8'").get(),
    ) as { readonly found: number }
    if (moved.found !== changedRows) throw new Error(`${moved.found} rows were changed`)
    return percentile(samples, 0.5)
  } finally {
    bench.dispose()
  }
}
