/*
 * Brings a fresh clone to where one of its commands can run, and runs it: `node tools/bootstrap/bootstrap.mjs <command> [arguments]`.
 * Needs nothing but Node 20 and npm; is silent and quick when there is nothing to do.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bootstrapNode, commands, exitCodeOf, majorOf, nodeMissing } from './decisions.mjs'
import { findNode } from './machine.mjs'
import { ensurePackages } from './npm-packages.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const [command, ...given] = process.argv.slice(2)

function stop(message) {
  console.error(message)
  process.exit(1)
}

if (majorOf(process.versions.node) < bootstrapNode)
  stop(
    `Veridesk needs Node ${bootstrapNode} or newer; this is ${process.versions.node}. Install a newer one from https://nodejs.org.`,
  )
if (!commands.includes(command)) stop(`Commands: ${commands.map((name) => `npm run ${name}`).join(', ')}`)
const task = join(root, 'tools/tasks', `${command}.ts`)
if (!existsSync(task)) stop(`There is no ${task}.`)
if (!ensurePackages(root)) process.exit(1)
const node = findNode(root)
if (node === null) stop(nodeMissing(process.versions.node))
// Tests and benches of cloud and synchronization open no window.
const purpose = ['test', 'bench'].includes(command) && ['cloud', 'sync'].includes(given[0]) ? 'cloud' : command
if (!ensureSystemPackages(root, purpose)) process.exit(1)

// The folder of the chosen Node comes first: packages' own scripts begin with `#!/usr/bin/env node`.
const path = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter)
const child = spawn(node, ['--disable-warning=ExperimentalWarning', task, ...given], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    // A terminal sends Ctrl+C to the child itself; a second one would cut its tidying short.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  })
child.on('error', (error) => stop(`${node} could not be started: ${error.message}`))
child.on('exit', (code, signal) => process.exit(exitCodeOf(code, signal, constants.signals)))
