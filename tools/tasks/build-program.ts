import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashBuildInputs } from './build-inputs.ts'
import { runStep } from './run-step.ts'

const outputs = ['out/main/main.js', 'out/preload/preload.cjs', 'out/renderer/index.html'] as const

/** Builds main, preload and window when their inputs have changed since the last build; true when the bundles are up to date. */
export async function buildProgram(root: string): Promise<boolean> {
  const stampFile = join(root, 'out/.build-stamp')
  const stamp = hashBuildInputs(root)
  const isThere = outputs.every((output) => existsSync(join(root, output)))
  if (isThere && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return true
  // Taken away first: a build that is cut short must not look finished.
  rmSync(stampFile, { force: true })
  const outcome = await runStep('build', 'electron-vite', ['build'], { quiet: true })
  if (outcome.exitCode !== 0) {
    console.error(outcome.output)
    return false
  }
  mkdirSync(join(root, 'out'), { recursive: true })
  writeFileSync(stampFile, stamp)
  console.log(`Built in ${outcome.seconds.toFixed(1)} s.`)
  return true
}
