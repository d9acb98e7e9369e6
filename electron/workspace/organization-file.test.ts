import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { silentLog } from '../platform/log.ts'
import { readEnvironment } from './environment.ts'
import { readOrganizationFile } from './organization-file.ts'

const good = { name: 'Registry', url: 'https://registry.example.org', publishableKey: 'sb_publishable_abc' }

it('reads an organization file', () => {
  expect(readOrganizationFile(JSON.stringify(good))).toEqual({
    ok: true,
    value: { ...good, source: 'organization_file' },
  })
})

it.each([
  ['words', 'no JSON at all'],
  ['a list', '[]'],
  ['another address', JSON.stringify({ ...good, url: 'ftp://registry.example.org' })],
  ['no key', JSON.stringify({ ...good, publishableKey: ' ' })],
])('refuses %s with a plain reason', (_, text) => {
  expect(readOrganizationFile(text)).toMatchObject({
    ok: false,
    error: { code: 'invalid_input', message: expect.stringMatching(/organization file/), action: expect.any(String) },
  })
})

it.each([
  ['in its new form', 'sb_secret_abc'],
  ['as a token', `e30.${Buffer.from('{"role":"service_role"}').toString('base64url')}.x`],
])('refuses the secret key of a cloud %s', (_, publishableKey) => {
  const read = readOrganizationFile(JSON.stringify({ ...good, publishableKey }))
  expect(read).toMatchObject({ ok: false, error: { message: expect.stringMatching(/secret key/) } })
})

it('takes an organization file from the environment, and leaves out what cannot be read', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'veridesk-environment-'))
  const file = path.join(folder, 'organization.json')
  writeFileSync(file, JSON.stringify(good))
  const read = (environment: Record<string, string>) => readEnvironment(environment, silentLog)
  expect(read({ VERIDESK_ORGANIZATION_FILE: file }).offered).toEqual([{ ...good, source: 'organization_file' }])
  expect(read({ VERIDESK_ORGANIZATION_FILE: path.join(folder, 'none') }).offered).toEqual([])
  expect(read({ VERIDESK_DEMO_CLOUD: '{' })).toEqual({ managed: null, offered: [], demoPeople: [] })
  expect(read({ VERIDESK_CLOUD_URL: good.url, VERIDESK_CLOUD_KEY: good.publishableKey }).managed).toEqual({
    ...good,
    name: 'registry.example.org',
    source: 'managed',
  })
  expect(read({ VERIDESK_CLOUD_URL: good.url, VERIDESK_CLOUD_KEY: 'sb_secret_x' }).managed).toBeNull()
  rmSync(folder, { recursive: true })
})
