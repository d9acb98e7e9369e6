import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Everything the bundles are made from. */
const inputs = [
  'electron',
  'renderer',
  'shared',
  'migrations',
  'resources',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
] as const

const isTest = (path: string) => /\.test\.tsx?$/.test(path)

function* filesUnder(path: string): Generator<string> {
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) {
    if (!isTest(path)) yield path
    return
  }
  for (const name of readdirSync(path).toSorted()) yield* filesUnder(join(path, name))
}

/** SHA-256 over names and contents of all inputs, tests left out: the same hash means the same bundles. */
export function hashBuildInputs(root: string): string {
  const hash = createHash('sha256')
  for (const input of inputs)
    for (const file of filesUnder(join(root, input))) {
      const content = readFileSync(file)
      hash.update(`${relative(root, file)}\0${content.length}\0`).update(content)
    }
  return hash.digest('hex')
}
