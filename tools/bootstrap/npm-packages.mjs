/* Installs the packages of the lockfile when they are not the installed ones. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { matchesLockfile } from './decisions.mjs'
import { readJson } from './machine.mjs'

/** Runs npm: the one that runs this script where there is one, else the one on PATH. */
function runNpm(root, parameters, stdio) {
  const script = process.env.npm_execpath
  const options = { cwd: root, stdio, maxBuffer: 64 * 1024 * 1024 }
  if (script?.endsWith('.js')) return spawnSync(process.execPath, [script, ...parameters], options)
  return spawnSync('npm', parameters, { ...options, shell: process.platform === 'win32' })
}

const quiet = ['--ignore-scripts', '--no-audit', '--no-fund']

function install(root) {
  console.log('Installing packages (npm ci) ...')
  const strict = runNpm(root, ['ci', '--loglevel=error', ...quiet], ['ignore', 'inherit', 'pipe'])
  const problem = strict.stderr?.toString() ?? ''
  if (strict.status === 0 || !problem.includes('from lock file')) {
    process.stderr.write(problem)
    return strict
  }
  // A registry that lacks the packages of other platforms makes `npm ci` call the lockfile incomplete; `npm install` takes the
  // same versions, checked by the same hashes, and leaves out what is not for this platform.
  console.log(
    'npm ci wants packages of other platforms that this registry lacks; installing by npm install instead ...',
  )
  return runNpm(root, ['install', '--no-save', '--loglevel=error', ...quiet], 'inherit')
}

/** True when the packages are there, after installing them if need be. */
export function ensurePackages(root) {
  const lockfile = join(root, 'package-lock.json')
  const stampFile = join(root, 'node_modules/.veridesk-bootstrap')
  const text = readFileSync(lockfile, 'utf8')
  // Packages are chosen by platform: a folder carried to another machine is not installed there.
  const stamp = `${createHash('sha256').update(text).digest('hex')} ${process.platform}-${process.arch}\n`
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return true
  // An installation made by hand counts.
  const installed = readJson(join(root, 'node_modules/.package-lock.json'))
  const samePlatform = !existsSync(stampFile) || readFileSync(stampFile, 'utf8').endsWith(stamp.slice(65))
  if (!samePlatform || !matchesLockfile(JSON.parse(text), installed)) {
    const { status, error } = install(root)
    if (status !== 0) {
      console.error(`The packages could not be installed${error ? ` (${error.message})` : ''}; npm says above why.`)
      return false
    }
  }
  writeFileSync(stampFile, stamp)
  return true
}
