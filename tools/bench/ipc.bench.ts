import { firstReadyWindow, launchApp } from '../../e2e/fixtures/launch.ts'
import { type BenchRow, percentile } from './bench-row.ts'
import { makeBareProgram } from './run-bench-host.ts'
import { call, openBenchWorkspace, signInAndMirror } from './run-bench-workspace.ts'

const calls = 500
const warmUp = 50
const target = 2
const key = 'bench:one-kilobyte'
const oneKilobyte = 'x'.repeat(1024)

/** Source of an expression: durations of calls one after the other, timed in the page. */
const timesOf = (oneCall: string): string => `(async () => {
  const times = []
  for (let index = 0; index < ${calls + warmUp}; index += 1) {
    const started = performance.now()
    await ${oneCall}
    if (index >= ${warmUp}) times.push(performance.now() - started)
  }
  return times
})()`

const rounded = (milliseconds: number): number => Math.round(milliseconds * 100) / 100

/**
 * A call that brings 1 KB from the database to the page: preload, sender check, schema, database thread, query and back. Beside it, an
 * echo of 1 KB that the same host takes straight from page to main process and back.
 */
export async function benchCalls(): Promise<BenchRow[]> {
  const workspace = await openBenchWorkspace(2_000)
  const bare = makeBareProgram()
  try {
    const { app, page } = await workspace.launch()
    await signInAndMirror(page, workspace, 'Accredited auditor')
    await call(page, 'draft.set', { key, body: oneKilobyte })
    const ours = await page.evaluate<number[]>(timesOf(`window.veridesk.invoke('draft.get', { key: '${key}' })`))
    await app.close()

    const bareApp = await launchApp(workspace.userData, { program: bare.folder, environment: workspace.environment })
    const barePage = await firstReadyWindow(bareApp)
    const peers = await barePage.evaluate<number[]>(timesOf(`window.bare.echo('${oneKilobyte}')`))
    await bareApp.close()

    const value = rounded(percentile(ours, 0.5))
    return [
      {
        name: 'call with 1 KB, page to database and back (p50)',
        value,
        unit: 'ms',
        target,
        better: 'lower',
        ok: value < target,
        peer: { name: 'echo by the bare host', value: rounded(percentile(peers, 0.5)), unit: 'ms' },
      },
    ]
  } finally {
    bare.remove()
    await workspace.end()
  }
}
