import { parseArgs } from 'node:util'
import { startCloudFixture } from '../../electron/sync/testing/cloud-fixture.ts'
import { openOracle } from '../sync-oracle/open-oracle.ts'
import { mostClients } from '../sync-oracle/world.ts'

const USAGE = `npm run sync:oracle -- [--seed N] [--steps M] [--clients K] [--schedules S]

Runs random schedules of several workstations against a real local cloud, and holds the end of each against the oracle: every mirror
is what row-level security shows, and every local change is applied exactly once or visible as not applied. The same seed, steps and
clients give the same schedule.

--seed       of the first schedule; the following count up (default: drawn)
--steps      of each schedule (default 100)
--clients    that take part, 1 to ${mostClients} (default 3)
--schedules  how many (default 1)`

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 30)) },
    steps: { type: 'string', default: '100' },
    clients: { type: 'string', default: '3' },
    schedules: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
const number = (name: 'seed' | 'steps' | 'clients' | 'schedules', least: number, most: number): number => {
  const value = Number(values[name])
  if (Number.isInteger(value) && value >= least && value <= most) return value
  process.stderr.write(`--${name} ${values[name]} is not a whole number from ${least} to ${most}.\n\n${USAGE}\n`)
  return process.exit(2)
}

if (values.help) process.stdout.write(`${USAGE}\n`)
else {
  const [seed, steps, clients] = [
    number('seed', 0, 2 ** 31),
    number('steps', 1, 100_000),
    number('clients', 1, mostClients),
  ]
  const schedules = number('schedules', 1, 1_000_000)
  const cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
  let failed = 0
  try {
    const oracle = await openOracle(cloud)
    const names = Array.from({ length: schedules }, (_, index) => ({ seed: seed + index, steps, clients }))
    let begun = performance.now()
    for await (const outcome of oracle.run(names)) {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      begun = performance.now()
      const end = outcome.faults.length === 0 ? 'holds' : 'FAILS'
      const { changes, applied, takenBack } = outcome
      process.stdout.write(
        `${end}  --seed ${outcome.seed} --steps ${steps} --clients ${clients}: ${changes} changes, ${applied} applied, ${takenBack} taken back by restores, ${seconds} s\n`,
      )
      for (const fault of outcome.faults) process.stdout.write(`       ${fault}\n`)
      if (outcome.faults.length > 0) failed += 1
    }
    await oracle.end()
  } finally {
    await cloud.stop()
  }
  process.stdout.write(`${schedules - failed} held, ${failed} failed\n`)
  process.exitCode = failed === 0 ? 0 : 1
}
