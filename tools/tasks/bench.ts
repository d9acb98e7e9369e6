import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { BenchRow } from '../bench/bench-row.ts'
import { benchTable, findBenches, runBench, selectBenches } from '../bench/run-bench.ts'
import { buildProgram } from './build-program.ts'
import { electronExecutable } from './electron-executable.ts'

/*
 * `npm run bench [-- NAME...]`, where a name may be the beginning of several (`cloud`): measures, prints a table and writes
 * out/bench.json. A missed target is shown and does not fail the command: how fast a machine is depends on what else it does. It
 * fails when something could not be measured.
 */

const repository = join(import.meta.dirname, '..', '..')
process.chdir(repository)
const folder = join(repository, 'tools', 'bench')
const known = findBenches(folder)
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const { selected, unknown } = selectBenches(known, asked)
if (unknown.length > 0) {
  console.error(`No such bench: ${unknown.join(', ')}. Benches: ${known.join(', ')}.`)
  process.exit(2)
}
// What the cloud does, and what synchronization does without a window, is measured without the built program.
const needsProgram = selected.some((name) => !/^(cloud|sync)-/.test(name) || /^sync-(window|bulk)$/.test(name))
if (needsProgram && !(await buildProgram(repository))) process.exit(1)

const rows: BenchRow[] = []
const problems: string[] = []
for (const name of selected) {
  console.log(`Measuring ${name} ...`)
  const outcome = await runBench(folder, name)
  if ('rows' in outcome) rows.push(...outcome.rows)
  else problems.push(`${name}: ${outcome.problem}`)
}

const [processor] = cpus()
const machine = {
  processor: processor?.model ?? 'unknown',
  cores: cpus().length,
  memoryGigabytes: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  host: electronExecutable().startsWith(join(repository, 'tools')) ? 'Chromium host' : 'Electron',
}
mkdirSync(join(repository, 'out'), { recursive: true })
writeFileSync(join(repository, 'out', 'bench.json'), `${JSON.stringify({ machine, rows, problems }, null, 2)}\n`)

console.log(`\n${machine.processor}, ${machine.cores} cores, Node ${machine.node}, ${machine.host}\n`)
if (rows.length > 0) console.log(benchTable(rows))
const missed = rows.filter(({ ok }) => !ok).length
console.log(`\n${rows.length} measured, ${missed} missed the target. Written to out/bench.json.`)
for (const problem of problems) console.error(`\nNot measured: ${problem}`)
process.exit(problems.length === 0 ? 0 : 1)
