import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { externalImports, packagesOf } from './external-imports.ts'

const folder = mkdtempSync(join(tmpdir(), 'external-imports-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('imports in every form are found, files beside and examples in comments are not', () => {
  const file = join(folder, 'bundle.js')
  const source = [
    'import { ok } from "./chunks/result.js";',
    'import Database from "better-sqlite3";',
    "import '@scope/effects/register'",
    'export * from "shared-things";',
    'const later = () => import("lazy/deep/module.js")',
    'const old = require( "commonjs" )',
    'import { readFile } from "node:fs/promises";',
    'import { app } from "electron";',
    ' * const example = require("documented")',
    '// import x from "mentioned"',
  ]
  writeFileSync(file, source.join('\n'))
  expect(packagesOf(externalImports([file]))).toEqual([
    'better-sqlite3',
    '@scope/effects',
    'shared-things',
    'lazy',
    'commonjs',
  ])
  expect(externalImports([file])).toContain('electron')
})
