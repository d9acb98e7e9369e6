import { readFileSync } from 'node:fs'
import type { ProductionPackage } from './production-packages.ts'

const line = '-'.repeat(80)

/** Text that goes with the program: name, version and licence of each package, and each licence text once, with who uses it. */
export function thirdPartyNotices(packages: readonly ProductionPackage[]): string {
  const users = new Map<string, string[]>()
  for (const entry of packages)
    for (const path of entry.notices) {
      const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim()
      users.set(text, [...(users.get(text) ?? []), `${entry.name} ${entry.version}`])
    }
  const list = packages.map(({ name, version, license }) => `${name} ${version}: ${license}`)
  const texts = [...users].map(([text, names]) => `${line}\n${[...new Set(names)].join('\n')}\n\n${text}`)
  return [
    'Veridesk contains the following packages.',
    [...new Set(list)].join('\n'),
    ...texts,
    `${line}\nElectron and Chromium: see LICENSE.electron.txt and LICENSES.chromium.html beside the program.`,
    '',
  ].join('\n\n')
}
