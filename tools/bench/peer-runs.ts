import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'peers')
const limitMilliseconds = 240_000

/** What a process tells of itself. */
export type Outcome = { readonly milliseconds: number; readonly peakMegabytes: number } | { readonly problem: string }

/** Installs the peers into the folder that git ignores. Null when they are there, else what npm said. */
export async function installPeers(): Promise<string | null> {
  const child = spawn(
    'npm',
    ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'],
    { stdio: ['ignore', 'ignore', 'pipe'], shell: process.platform === 'win32' },
  )
  let problem = ''
  child.stderr.on('data', (text) => {
    problem += text
  })
  const [code] = await once(child, 'close')
  return code === 0 ? null : `cannot be installed: ${problem.trim().split('\n').at(-1) ?? code}`
}

/** The version of a peer's package that is measured. */
export const peerVersion = (name: string): string =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies[name]

/** Runs a peer's file of the folder in a process of its own. */
export const forkPeer = (file: string, url: string, count: number): Promise<Outcome> =>
  forkProgram(join(folder, file), url, count)

/** Runs a program that measures itself, over a server's address and a number of rows. */
export async function forkProgram(path: string, url: string, count: number): Promise<Outcome> {
  const child = fork(path, [url, String(count)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
  let outcome: Outcome | null = null
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  child.on('message', (message: Outcome) => {
    outcome = message
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMilliseconds)
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  const lastWords = said.split('\n').find((line) => /error/i.test(line)) ?? `ended with ${code}`
  return outcome ?? { problem: lastWords }
}
