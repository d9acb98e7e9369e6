import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import pg from 'pg'
import type { LocalCloud } from './start-local-cloud.ts'

/** Milliseconds a test with a real server may take on a busy machine. */
export const SERVER_TEST_MS = 120_000

/** A new empty folder that `remove` takes away with all that is in it. */
export const makeTemporaryFolder = (): { readonly path: string; remove(): void } => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-cloud-'))
  // The server may run under another account, which must be able to come through.
  chmodSync(folder, 0o711)
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Writes migrations by file name into `folder`/migrations and answers with that path. */
export const writeMigrations = (folder: string, files: Readonly<Record<string, string>>): string => {
  const directory = path.join(folder, 'migrations')
  mkdirSync(directory, { recursive: true })
  for (const [name, sql] of Object.entries(files)) writeFileSync(path.join(directory, name), sql)
  return directory
}

/** Runs `work` with a connection of the database's owner. */
export const withClient = async <Value>(url: string, work: (client: pg.Client) => Promise<Value>): Promise<Value> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** supabase-js as the workstation uses it, signed out; nothing is kept between tests. */
export const connect = (cloud: LocalCloud): SupabaseClient =>
  createClient(cloud.url, cloud.publishableKey, { auth: { persistSession: false, autoRefreshToken: false } })

/** The same, signed in. */
export const signIn = async (cloud: LocalCloud, email: string, password: string): Promise<SupabaseClient> => {
  const client = connect(cloud)
  const { error } = await client.auth.signInWithPassword({ email, password })
  if (error !== null) throw error
  return client
}
