/* Installs the programs of the operating system that a command uses, or says how to. */
import { spawnSync } from 'node:child_process'
import { missingTools, packagesOf, planInstallation, toolsFor } from './decisions.mjs'
import { hasDisplay, hasElectronBinary, isOnPath } from './machine.mjs'

const run = (prefix, command, parameters) => {
  const [first, ...rest] = [...prefix, command, ...parameters]
  // sudo keeps no environment of ours; apt-get asks nothing with -y and a closed input.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(first, rest, { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0
}

const purposes = (tools) => tools.map((tool) => `  ${tool.name}: ${tool.purpose}`).join('\n')

/** True when the command can go on: nothing that it cannot do without is missing. */
export function ensureSystemPackages(root, command) {
  const machine = {
    platform: process.platform,
    hasElectron: hasElectronBinary(root),
    hasDisplay: hasDisplay(),
    hasGivenChromium: Boolean(process.env.VERIDESK_CHROMIUM),
  }
  const tools = toolsFor(command, machine)
  let missing = missingTools(tools, isOnPath)
  if (missing.length === 0) return true
  const packages = packagesOf(missing)
  const hasApt = isOnPath('apt-get')
  const isRoot = process.getuid?.() === 0
  const sudoWorks = !isRoot && hasApt && isOnPath('sudo') && spawnSync('sudo', ['-n', 'true']).status === 0
  const plan = planInstallation(packages, { platform: process.platform, hasApt, isRoot, sudoWorks })
  if (plan.how === 'run') {
    console.log(`Installing system packages: ${packages.join(', ')}\n${purposes(missing)}`)
    run(plan.prefix, 'apt-get', ['update', '-qq'])
    run(plan.prefix, 'apt-get', ['install', '-y', '-qq', '--no-install-recommends', '--no-upgrade', ...packages])
    missing = missingTools(tools, isOnPath)
    if (missing.length === 0) return true
    console.error(`apt-get could not install everything; still missing:\n${purposes(missing)}`)
  } else console.error(`Not installed:\n${purposes(missing)}\nTo install: ${plan.command}`)
  const needed = missing.filter((tool) => !tool.optional)
  if (needed.length > 0) {
    console.error(`\`npm run ${command}\` cannot go on without ${needed.map((tool) => tool.name).join(', ')}.`)
    return false
  }
  console.error('Going on without; what needs them is left out.')
  return true
}
