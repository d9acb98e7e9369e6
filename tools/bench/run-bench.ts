import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchRow } from './bench-row.ts'

const ending = '.bench.ts'

/** Names of the benches in a folder: every `<name>.bench.ts`, which exports one function whose name begins with `bench`. */
export const findBenches = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .toSorted()

/**
 * The benches that are asked for: by name, or by the part of a name before a hyphen, which stands for all that begin with it;
 * all where nothing is asked. Each once, in the order asked.
 */
export function selectBenches(
  known: readonly string[],
  asked: readonly string[],
): { readonly selected: readonly string[]; readonly unknown: readonly string[] } {
  const meant = (name: string): readonly string[] =>
    known.filter((bench) => bench === name || bench.startsWith(`${name}-`))
  return {
    selected: asked.length === 0 ? known : [...new Set(asked.flatMap(meant))],
    unknown: asked.filter((name) => meant(name).length === 0),
  }
}

/** What a process of its own tells of a bench. */
export type BenchOutcome = { readonly rows: readonly BenchRow[] } | { readonly problem: string }

/** Runs one bench in a process of its own: what one leaves in memory does not slow down the next. */
export async function runBench(folder: string, name: string): Promise<BenchOutcome> {
  const child = fork(new URL('./run-bench-child.ts', import.meta.url), [join(folder, `${name}${ending}`)], {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
  })
  let outcome: BenchOutcome | null = null
  child.on('message', (message: BenchOutcome) => {
    outcome = message
  })
  const [code] = await once(child, 'exit')
  return outcome ?? { problem: `ended with ${code} before it had measured anything` }
}

/** Four digits that matter, and no more after the point than a person reads. */
const figure = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))

/** Rows as a table in plain text, columns aligned. */
export function benchTable(rows: readonly BenchRow[]): string {
  const cells = rows.map(({ name, value, unit, target, better, ok, peer }) => [
    ok ? 'ok' : 'MISS',
    name,
    `${figure(value)} ${unit}`,
    `${better === 'lower' ? '<' : '>'} ${figure(target)} ${unit}`,
    peer === undefined ? '' : `${figure(peer.value)} ${'unit' in peer ? peer.unit : unit} ${peer.name}`,
  ])
  const table = [['', 'measured', 'value', 'target', 'beside it, in the same run'], ...cells]
  const widths = table.reduce(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
    [] as readonly number[],
  )
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
