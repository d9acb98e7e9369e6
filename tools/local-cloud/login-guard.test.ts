import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthUser, type LocalCloud, startLocalCloud } from './index.ts'

const timeout = 180_000
const password = 'correct horse battery staple'
let folder: string
let cloud: LocalCloud
let owner: pg.Client
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-guard-'))
  chmodSync(folder, 0o711)
  cloud = await startLocalCloud({
    dataDirectory: folder,
    migrationsDirectory: path.join(import.meta.dirname, '../../supabase/migrations'),
    durable: false,
  })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)

const signIn = (address: string, email: string, tried: string): Promise<Response> =>
  fetch(`${cloud.url}${address}`, {
    method: 'POST',
    headers: { apikey: cloud.publishableKey, 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: tried }),
  })

// Whatever of these the layer behind takes for a sign-in is counted like one; the rest does not get in at all.
const spellings = [
  '/auth/v1/token?grant_type=password',
  '/auth/v1/%74oken?grant_type=password',
  '/auth/v1/token/?grant_type=password',
  '/auth/v1//token?grant_type=password',
  '/auth/v1/token?%67rant_type=password',
  '/auth/v1/token?grant_type=p%61ssword',
  '/auth/v1/token?grant_type=password&grant_type=refresh_token',
  '/auth/v1/token?grant_type=refresh_token&grant_type=password',
]

test('no spelling of the address gets past the lock', { timeout }, async () => {
  const email = `${randomUUID()}@example.org`
  await createAuthUser(owner, { id: randomUUID(), email, password, userMetadata: { name: 'Ann', role: 'verifier' } })
  expect((await signIn(spellings[0] ?? '', email, password)).status).toBe(200)
  for (let count = 0; count < 5; count += 1) await signIn(spellings[0] ?? '', email, 'wrong')
  for (const spelling of spellings) {
    const answer = await signIn(spelling, email, password)
    expect(answer.status, spelling).not.toBe(200)
    expect(await answer.text(), spelling).not.toContain('access_token')
  }
  expect((await signIn(spellings[0] ?? '', ` ${email.toUpperCase()} `, password)).status).not.toBe(200)
})
