import { join } from 'node:path'
import { type BenchRow, percentile } from './bench-row.ts'
import { makeBareProgram, startProgram } from './run-bench-host.ts'
import { firstRowPainted, PageProbe } from './run-bench-page.ts'
import { countBatches, openBenchWorkspace, signInAndMirror } from './run-bench-workspace.ts'

const starts = 5
const target = 1_500
/** Of which a desk verifier, assigned and pool, sees some two fifths. */
const cloudBatches = 5_000

/** Milliseconds from starting the process until a row stands on the screen. */
async function measureStart(program: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const started = await startProgram(program, environment)
  try {
    const probe = await PageProbe.connect(started.devtools)
    const painted = await probe.evaluateUntil<number>(firstRowPainted)
    probe.close()
    return painted - started.startedAt
  } finally {
    await started.stop()
  }
}

/** From starting the process to the first painted row of a mirrored queue, beside a bare window on the same host, turn by turn. */
export async function benchStartup(): Promise<BenchRow[]> {
  const repository = join(import.meta.dirname, '..', '..')
  const workspace = await openBenchWorkspace(cloudBatches)
  const bare = makeBareProgram()
  try {
    const { app, page } = await workspace.launch()
    await signInAndMirror(page, workspace, 'Desk verifier')
    const batches = await countBatches(page)
    await app.close()

    const ours: number[] = []
    const peers: number[] = []
    for (let start = 0; start < starts; start += 1) {
      ours.push(await measureStart(repository, workspace.environment))
      peers.push(await measureStart(bare.folder, workspace.environment))
    }
    const value = Math.round(percentile(ours, 0.5))
    return [
      {
        name: `start to first painted row, ${batches} batches (median of ${starts})`,
        value,
        unit: 'ms',
        target,
        better: 'lower',
        ok: value < target,
        peer: { name: 'bare window on the same host', value: Math.round(percentile(peers, 0.5)), unit: 'ms' },
      },
    ]
  } finally {
    bare.remove()
    await workspace.end()
  }
}
