import { join } from 'node:path'
import { build } from 'vite'
import { type BenchRow, percentile } from './bench-row.ts'
import { forkPeer, forkProgram, installPeers, type Outcome, peerVersion } from './peer-runs.ts'
import { startPeerSource } from './peer-source.ts'
import { receivedPages } from './sync-rows.ts'
import { pageRows } from './sync-workspace.ts'

const batches = 100_000
const rounds = 3

const peers = [
  { name: 'PowerSync', file: 'powersync.mjs', package: '@powersync/node' },
  { name: 'WatermelonDB', file: 'watermelondb.mjs', package: '@nozbe/watermelondb' },
  { name: 'PouchDB', file: 'pouchdb.mjs', package: 'pouchdb' },
] as const

/**
 * 100,000 batches from a server on this machine until they can be found, and the most memory that takes, each program in a process of
 * its own: ours into its encrypted database with every index and full text; its peers as they are in their npm packages, unencrypted,
 * without full text. Medians of three rounds. A peer that cannot be installed or does not run any more is named with its reason.
 */
export async function benchSyncPeers(): Promise<BenchRow[]> {
  const installed = await installPeers()
  const program = await bundleOwn()
  const source = await startPeerSource(receivedPages(batches, pageRows).batches ?? [])
  try {
    const own: Outcome[] = []
    const others = new Map(peers.map(({ name }) => [name, [] as Outcome[]]))
    for (let round = 0; round < rounds; round += 1) {
      own.push(await forkProgram(program, source.url, batches))
      for (const { name, file } of peers) {
        const outcomes = others.get(name)
        // One that does not run is not asked twice.
        if (outcomes === undefined || outcomes.some((outcome) => 'problem' in outcome)) continue
        outcomes.push(installed === null ? await forkPeer(file, source.url, batches) : { problem: installed })
      }
    }
    return rowsOf(own, others)
  } finally {
    await source.stop()
  }
}

/** Our side as it is shipped, JavaScript alone: what turns TypeScript into it would count as our memory. */
async function bundleOwn(): Promise<string> {
  const root = join(import.meta.dirname, '..', '..')
  const outDir = join(root, 'out', 'bench')
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    ssr: { noExternal: true, external: ['better-sqlite3'] },
    build: {
      ssr: true,
      outDir,
      rolldownOptions: {
        input: ['sync-own', 'sync-own-thread'].map((name) => join(import.meta.dirname, `${name}.ts`)),
        output: { entryFileNames: '[name].mjs' },
      },
    },
  })
  return join(outDir, 'sync-own.mjs')
}

interface Figures {
  readonly name: string
  readonly seconds: number
  readonly megabytes: number
}

function figuresOf(name: string, outcomes: readonly Outcome[]): Figures | null {
  const good = outcomes.flatMap((outcome) => ('problem' in outcome ? [] : [outcome]))
  if (good.length < outcomes.length || good.length === 0) return null
  return {
    name,
    seconds:
      percentile(
        good.map(({ milliseconds }) => milliseconds),
        0.5,
      ) / 1000,
    megabytes: percentile(
      good.map(({ peakMegabytes }) => peakMegabytes),
      0.5,
    ),
  }
}

function rowsOf(own: readonly Outcome[], others: ReadonlyMap<string, readonly Outcome[]>): BenchRow[] {
  const ours = figuresOf('ours', own)
  if (ours === null) throw new Error(own.map((outcome) => ('problem' in outcome ? outcome.problem : '')).join(' '))
  const named = peers.map((peer) => {
    const outcomes = others.get(peer.name) ?? []
    const problem = outcomes.flatMap((outcome) => ('problem' in outcome ? [outcome.problem] : []))[0] ?? null
    return { label: `${peer.name} ${peerVersion(peer.package)}`, figures: figuresOf(peer.name, outcomes), problem }
  })
  const ran = named.flatMap(({ figures }) => (figures === null ? [] : [figures]))
  if (ran.length === 0) throw new Error(`No peer ran: ${named.map(({ problem }) => problem).join('; ')}`)
  const row = (name: string, unit: string, of: (figures: Figures) => number): BenchRow => {
    const best = Math.min(...ran.map(of))
    const value = of(ours) / best
    const list = named.map(({ label, figures, problem }) =>
      figures === null ? `${label} did not run (${problem})` : `${label} ${Number(of(figures).toPrecision(3))} ${unit}`,
    )
    return {
      name,
      value,
      unit: 'x best peer',
      target: 0.6,
      better: 'lower',
      ok: value <= 0.6,
      peer: { name: `ours; ${list.join('; ')}`, value: of(ours), unit },
    }
  }
  return [
    row('100,000 batches until they can be found', 's', ({ seconds }) => seconds),
    row('most memory of that process', 'MB', ({ megabytes }) => megabytes),
  ]
}
