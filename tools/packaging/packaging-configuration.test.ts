import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { packagedFuses } from '../../electron/shell/fuse-wire.ts'

const repository = join(import.meta.dirname, '..', '..')
const target = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const platform = z.object({ target, files: z.array(z.string()) })
const configuration = z
  .object({
    appId: z.string(),
    productName: z.string(),
    directories: z.object({ output: z.string(), buildResources: z.string() }),
    npmRebuild: z.boolean(),
    asar: z.boolean(),
    asarUnpack: z.array(z.string()),
    afterExtract: z.string(),
    electronFuses: z.record(z.string(), z.boolean()),
    win: platform,
    mac: platform.extend({ hardenedRuntime: z.boolean() }),
    linux: platform,
    publish: z.null(),
  })
  .parse(parse(readFileSync(join(repository, 'electron-builder.yml'), 'utf8')))

test('installers are made for Windows, macOS and Linux', () => {
  const { win, mac, linux } = configuration
  expect({ win: win.target, mac: mac.target, linux: linux.target }).toEqual({
    win: ['nsis'],
    mac: ['dmg'],
    linux: ['AppImage', 'deb'],
  })
})

test('the program is one archive, and what is compiled lies beside it', () => {
  expect(configuration).toMatchObject({ asar: true, asarUnpack: ['**/*.node'], npmRebuild: false, publish: null })
})

test('the fuses are those that the self-test expects', () => {
  expect(configuration.electronFuses).toEqual(packagedFuses)
})

test('a list of a platform includes something: else the whole checkout would be packaged', () => {
  for (const name of ['win', 'mac', 'linux'] as const)
    expect(configuration[name].files.filter((pattern) => !pattern.startsWith('!'))).toEqual(['package.json'])
})

test('the icon and the hook are where packaging looks for them', () => {
  const { directories, afterExtract } = configuration
  for (const icon of ['icon.ico', 'icon.icns', 'icons/512x512.png'])
    expect(existsSync(join(repository, directories.buildResources, icon)), icon).toBe(true)
  expect(existsSync(join(repository, afterExtract))).toBe(true)
})
