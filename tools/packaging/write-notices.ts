import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { productionPackages } from './production-packages.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

/** Writes `out/third-party-notices.txt`, which electron-builder.yml puts beside the program. */
export function writeNotices(repository: string): void {
  const path = join(repository, 'out', 'third-party-notices.txt')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, thirdPartyNotices(productionPackages(repository)))
}
