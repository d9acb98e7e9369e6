import { type BenchRow, percentile } from './bench-row.ts'
import { ownMilliseconds } from './own-time.ts'
import { answerText, benchBatch, listText, receivedPages } from './sync-rows.ts'
import {
  arrived,
  fromReceived,
  mirrorFrom,
  openEncrypted,
  type PageSource,
  pageRows,
  pullChanged,
} from './sync-workspace.ts'

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
    const next = first + rows.length < size ? (rows.at(-1)?.id ?? null) : null
    return arrived(Buffer.from(answerText({ text: listText(rows), next }, after === null ? size : null)))
  }
}

/** Milliseconds at one size: of a pull, and of the same rows set by one prepared statement, which is the least that SQLite takes. */
interface Figures {
  readonly pull: number
  readonly plain: number
}

/**
 * A pull that brings 100 changed rows, from anywhere in the mirror, into encrypted databases of four sizes: the client's side, from
 * the page as text until each row can be found as it now is. The rows are generated here; what the cloud takes for the same page does
 * not depend on the size of anybody's mirror.
 */
export async function benchSyncChanges(): Promise<BenchRow[]> {
  const figures: Figures[] = []
  for (const size of sizes) figures.push(await measureAt(size))
  const growthOf = (of: (at: Figures) => number): number =>
    figures.length === 0 ? Number.NaN : of(figures[figures.length - 1] as Figures) / of(figures[0] as Figures)
  const growth = growthOf(({ pull }) => pull)
  const plainGrowth = growthOf(({ plain }) => plain)
  const rows = figures.map(
    ({ pull, plain }, index): BenchRow => ({
      name: `100 changed rows into ${sizes[index]?.toLocaleString('en')} mirrored`,
      value: pull,
      unit: 'ms',
      target: 40,
      better: 'lower',
      ok: pull <= 40,
      peer: { name: 'the same rows set by one prepared statement', value: plain, unit: 'ms' },
    }),
  )
  return [
    ...rows,
    {
      // Flat: by no more than SQLite itself, whose rows are each in a page of their own among so many.
      name: '100 changed rows, 1,000,000 mirrored beside 1,000',
      value: growth,
      unit: 'x',
      target: plainGrowth,
      better: 'lower',
      ok: growth <= plainGrowth,
      peer: { name: 'the prepared statement', value: plainGrowth, unit: 'x' },
    },
  ]
}

async function measureAt(size: number): Promise<Figures> {
  const bench = openEncrypted()
  const numbersOf = (round: number): readonly number[] =>
    Array.from({ length: changedRows }, (_, index) => (index * Math.floor(size / changedRows) + round) % size)
  try {
    await mirrorFrom(bench, generated(size))
    const pulls: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const rows = numbersOf(round).map((number) => ({
        ...batchOf(number, round + 2),
        location: `Moved in round ${round}`,
      }))
      const text = listText(rows.map((row) => ({ table: 'batches', id: row.id, op: 'U', version: 1, row })))
      pulls.push(await ownMilliseconds(() => pullChanged(bench, text)))
    }
    const moved = bench.database.write((handle) =>
      handle.prepare("select count(*) as found from batch where location = 'Moved in round 8'").get(),
    ) as { readonly found: number }
    if (moved.found !== changedRows) throw new Error(`${moved.found} rows were changed`)
    const plain: number[] = []
    for (let round = rounds; round < 2 * rounds; round += 1)
      plain.push(
        await ownMilliseconds(async () =>
          bench.database.write((handle) => {
            const set = handle.prepare('update batch set location = ?, version = version + 1 where id = ?')
            for (const number of numbersOf(round)) set.run(`Moved in round ${round}`, idOf(number))
          }, 'normal'),
        ),
      )
    return { pull: percentile(pulls, 0.5), plain: percentile(plain, 0.5) }
  } finally {
    bench.dispose()
  }
}
