import { pathToFileURL } from 'node:url'
import type { BenchRow } from './bench-row.ts'
import type { BenchOutcome } from './run-bench.ts'

/* Runs the bench file that is named on the command line and tells the process that started it what came out. */

async function measure(path: string): Promise<BenchOutcome> {
  try {
    const exports: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href)
    const bench = Object.entries(exports).find(
      ([name, value]) => /^bench[A-Z]/.test(name) && typeof value === 'function',
    )
    if (bench === undefined) return { problem: `${path} exports no function whose name begins with "bench"` }
    const run = bench[1] as () => Promise<readonly BenchRow[]>
    return { rows: await run() }
  } catch (error) {
    return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

const outcome = await measure(process.argv[2] ?? '')
// A server or a worker that a bench left running must not keep this process.
process.send?.(outcome, () => process.exit('rows' in outcome ? 0 : 1))
