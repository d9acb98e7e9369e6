import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { extractAll, listPackage } from '@electron/asar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packagedFuses, readFuses } from '../../electron/shell/fuse-wire.ts'
import type { SelfTestReport } from '../../electron/shell/self-test-report.ts'
import { externalImports, packagesOf } from './external-imports.ts'
import { productionPackages } from './production-packages.ts'
import { ensureBuilt } from './testing/built-program.ts'
import { type PackedProgram, packProgram } from './testing/pack-program.ts'

const repository = join(import.meta.dirname, '..', '..')
const minutes = 60_000
const folder = mkdtempSync(join(tmpdir(), 'packed-program-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The program for Linux with its archive opened, laid out as a checkout is, so that the host can run it. */
const opened = join(folder, 'opened')
let packed: PackedProgram
let files: string[]

const listed = ({ resources }: PackedProgram): string[] =>
  listPackage(join(resources, 'app.asar'), { isPack: false }).map((path) => path.replaceAll('\\', '/').slice(1))

beforeAll(async () => {
  await ensureBuilt(repository)
  packed = await packProgram(repository, join(folder, 'linux'), 'linux', 'x64')
  files = listed(packed)
  extractAll(join(packed.resources, 'app.asar'), opened)
  cpSync(join(packed.resources, 'resources'), join(opened, 'resources'), { recursive: true })
}, 5 * minutes)

test('the archive holds the bundles, their packages, the manifest and the licence', () => {
  for (const path of ['out/main/main.js', 'out/main/worker.js', 'out/main/hostile-child.js', 'out/preload/preload.cjs'])
    expect(files).toContain(path)
  expect(files).toContain('out/renderer/index.html')
  expect(readdirSync(opened).toSorted()).toEqual(['LICENSE', 'node_modules', 'out', 'package.json', 'resources'])
  expect(readdirSync(join(opened, 'out')).toSorted()).toEqual(['main', 'preload', 'renderer'])
})

test('no map, no source, no test and no build script is shipped', () => {
  const unwanted = files.filter(
    (path) =>
      /\.(map|ts|mts|cts|tsx)$/.test(path) ||
      /(^|\/)(test|tests|__tests__|testing|e2e|tools|supabase)(\/|$)/.test(path.replace('@supabase/', '')) ||
      path.startsWith('node_modules/better-sqlite3/src') ||
      path.startsWith('node_modules/better-sqlite3/deps'),
  )
  expect(unwanted).toEqual([])
  for (const path of files.filter((file) => /^out\/.*\.(js|cjs|css)$/.test(file)))
    expect(readFileSync(join(opened, path), 'utf8'), path).not.toContain('sourceMappingURL=')
})

test('the packages are those that the bundles lead to, no more and no fewer', () => {
  const bundles = files.filter((path) => /^out\/main\/.*\.js$/.test(path)).map((path) => join(opened, path))
  const needed = productionPackages(repository, packagesOf(externalImports(bundles)))
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const manifests = files.filter((path) => /(^|\/)node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(path))
  const shipped = new Set(manifests.map((path) => nameOf(path.slice(0, -'/package.json'.length))))
  // Headers for compiling, which nothing does here.
  const expected = new Set(needed.map(({ path }) => nameOf(path)).filter((name) => name !== 'node-addon-api'))
  expect([...shipped].toSorted()).toEqual([...expected].toSorted())
  expect(shipped).toContain('better-sqlite3')
})

test('the licence of every package that carries one is shipped', () => {
  const notices = readFileSync(join(packed.resources, 'third-party-notices.txt'), 'utf8')
  for (const { name, version } of productionPackages(repository)) expect(notices).toContain(`${name} ${version}: `)
})

test('fonts and rubrics are shipped, demo data and icons are not', () => {
  const resources = readdirSync(join(packed.resources, 'resources'))
  expect(resources).toEqual(expect.arrayContaining(['fonts', 'rubrics']))
  expect(resources).not.toContain('demo')
  expect(resources).not.toContain('build')
  expect(existsSync(join(packed.resources, 'default_app.asar'))).toBe(false)
})

test('the preload requires nothing but electron', () => {
  expect([...externalImports([join(opened, 'out/preload/preload.cjs')])]).toEqual(['electron'])
})

test('the fuses are set in the binary', async () => {
  expect(await readFuses(packed.fuseFile)).toEqual(packagedFuses)
})

const prebuildsOf = (program: PackedProgram): string[] => listed(program).filter((path) => path.endsWith('.node'))

test('each platform gets its own prebuild alone', { timeout: 5 * minutes }, async () => {
  const windows = await packProgram(repository, join(folder, 'win'), 'win', 'x64')
  const mac = await packProgram(repository, join(folder, 'mac'), 'mac', 'arm64')
  const prebuild = (name: string): string[] => [`node_modules/better-sqlite3/prebuilds/${name}.node`]
  expect(prebuildsOf(packed)).toEqual(prebuild('linux-x64'))
  expect(prebuildsOf(windows)).toEqual(prebuild('win32-x64'))
  expect(prebuildsOf(mac)).toEqual(prebuild('darwin-arm64'))
  expect(existsSync(join(packed.resources, 'app.asar.unpacked', ...prebuild('linux-x64')))).toBe(true)
  for (const { fuseFile } of [windows, mac]) expect(await readFuses(fuseFile)).toEqual(packagedFuses)
})

async function runSelfTest(program: string): Promise<{ readonly code: unknown; readonly report: SelfTestReport }> {
  const child = spawn(join(repository, 'tools/chromium-host/electron'), [program, '--self-test'], {
    env: { ...process.env, VERIDESK_HEADLESS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { code, report: JSON.parse(output) as SelfTestReport }
}

test('what is packaged is complete: it passes its own test on the host', { timeout: 2 * minutes }, async () => {
  const { code, report } = await runSelfTest(opened)
  expect(report.checks.map(({ name, outcome, problem }) => [name, outcome, problem])).toEqual([
    ['database', 'passed', null],
    ['hostile child', 'passed', null],
    ['keychain', 'passed', null],
    ['fuses', 'not applicable', null],
    ['protocol', 'passed', null],
    ['isolation', 'passed', null],
    ['calls', 'passed', null],
  ])
  const { version }: { readonly version: string } = JSON.parse(readFileSync(join(opened, 'package.json'), 'utf8'))
  expect(report).toMatchObject({ ok: true, program: { name: 'Veridesk', version, host: 'Chromium host' } })
  expect(code).toBe(0)
})

test('a program with a broken part fails its own test and says which', { timeout: 2 * minutes }, async () => {
  const broken = join(folder, 'broken')
  cpSync(opened, broken, { recursive: true })
  writeFileSync(join(broken, 'out/main/hostile-child.js'), 'process.exit(3)\n')
  const { code, report } = await runSelfTest(broken)
  expect(report.checks.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
    { name: 'hostile child', problem: expect.stringContaining('ended with 3') },
  ])
  expect({ code, ok: report.ok }).toEqual({ code: 1, ok: false })
})
