import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** A package that the program is made of, as it is installed. */
export interface ProductionPackage {
  readonly name: string
  readonly version: string
  /** Its licence as an SPDX expression; empty when it states none. */
  readonly license: string
  /** Its folder, relative to the repository, with `/`. */
  readonly path: string
  /** Absolute paths of the licence and notice texts that it carries. */
  readonly notices: readonly string[]
}

const names = z.record(z.string(), z.unknown()).default({})
const lockedPackage = z.object({
  version: z.string().optional(),
  license: z.string().optional(),
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().default(false) })).default({}),
})
type LockedPackage = z.infer<typeof lockedPackage>
/** npm's lock file (version 3): every installed package by its folder; the empty name is the repository itself. */
const lockFile = z.object({ packages: z.record(z.string(), lockedPackage) })

const noticeName = /^(licen[cs]e|copying|notice|ofl)/i

/** Folder that `name` is found in from the package at `from`: the nearest `node_modules` upwards, as Node looks for it. */
function resolveFrom(packages: Readonly<Record<string, LockedPackage>>, from: string, name: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (candidate in packages) return candidate
    if (at === '') return null
  }
}

/** Names a package asks for at run time. The repository's own optional dependencies serve the checkout and are never shipped. */
function wanted(path: string, entry: LockedPackage): string[] {
  if (path === '') return Object.keys(entry.dependencies)
  const peers = Object.keys(entry.peerDependencies).filter((name) => !entry.peerDependenciesMeta[name]?.optional)
  return [...Object.keys(entry.dependencies), ...Object.keys(entry.optionalDependencies), ...peers]
}

/**
 * All installed packages that `dependencies` of a repository's package.json lead to, sorted by folder.
 * @param roots start from these names in place of all dependencies.
 * @throws Error when a named root is not installed.
 */
export function productionPackages(repository: string, roots?: readonly string[]): ProductionPackage[] {
  const { packages } = lockFile.parse(JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')))
  const found = new Set<string>()
  const add = (from: string, name: string): boolean => {
    const path = resolveFrom(packages, from, name)
    if (path === null || !existsSync(join(repository, path))) return false
    if (found.has(path)) return true
    found.add(path)
    const entry = packages[path]
    if (entry !== undefined) for (const next of wanted(path, entry)) add(path, next)
    return true
  }
  const own = packages['']
  for (const name of roots ?? (own === undefined ? [] : wanted('', own)))
    if (!add('', name)) throw new Error(`${name} is not installed in ${repository}. Run npm ci.`)
  return [...found].toSorted().map((path) => readPackage(repository, path, packages[path]?.license))
}

function readPackage(repository: string, path: string, lockedLicense: string | undefined): ProductionPackage {
  const folder = join(repository, path)
  const manifest: { name?: string; version?: string; license?: unknown } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const stated = lockedLicense ?? manifest.license
  return {
    name: manifest.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version: manifest.version ?? '',
    license: typeof stated === 'string' ? stated : '',
    path,
    notices: readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && noticeName.test(entry.name))
      .map((entry) => join(folder, entry.name)),
  }
}
