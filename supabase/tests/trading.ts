import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import pg from 'pg'
import { createAuthUser, type LocalCloud, startLocalCloud } from '../../tools/local-cloud/index.ts'
import { signMessage } from '../functions/_shared/signed-message.ts'
import { allowManyPurchases } from './credits.ts'
import { migrationsDirectory } from './support.ts'

const password = 'correct horse battery staple'

/** What the tests' payment provider signs its callbacks with. */
export const CALLBACK_SECRET = 'a secret that only the provider knows'

/** A local cloud with payments set up, and its owner's connection. */
export interface TradingCloud {
  readonly cloud: LocalCloud
  readonly owner: pg.Client
  /** Registers an approved person and signs them in with supabase-js. */
  register(role: 'buyer' | 'recycler' | 'admin', name?: string): Promise<Trader>
  stop(): Promise<void>
}

/** Somebody who is signed in. */
export interface Trader {
  readonly id: string
  readonly client: SupabaseClient
}

/** Starts a local cloud on a free port, with the test provider and any further settings of the functions. */
export const startTrading = async (settings: Readonly<Record<string, string>> = {}): Promise<TradingCloud> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-trading-'))
  chmodSync(folder, 0o711)
  const cloud = await startLocalCloud({
    dataDirectory: folder,
    migrationsDirectory,
    durable: false,
    functionSettings: { PAYMENT_PROVIDER: 'test', PAYMENT_CALLBACK_SECRET: CALLBACK_SECRET, ...settings },
  })
  const owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
  await allowManyPurchases(owner)
  return {
    cloud,
    owner,
    register: async (role, name = 'Ann') => {
      const id = randomUUID()
      const email = `${id}@example.org`
      await createAuthUser(owner, { id, email, password, userMetadata: { name } })
      await owner.query(`update public.users set approval_status = 'approved', role = $2 where id = $1`, [id, role])
      const client = createClient(cloud.url, cloud.publishableKey, {
        auth: { persistSession: false, autoRefreshToken: false },
      })
      const { error } = await client.auth.signInWithPassword({ email, password })
      if (error !== null) throw error
      return { id, client }
    },
    stop: async () => {
      await owner.end()
      await cloud.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** An answer of a function. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Calls a function with supabase-js as the person who is signed in, and reads refusals too. */
export const invoke = async (
  client: SupabaseClient,
  name: string,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const { data, error, response } = await client.functions.invoke(name, { body, headers })
  if (response === undefined) throw error
  return { status: response.status, body: error === null ? data : await response.json() }
}

/** Sends a callback as the payment provider does; `signed` replaces the signature of the body. */
export const callBack = async (
  cloud: LocalCloud,
  body: Readonly<Record<string, unknown>>,
  signed?: (text: string) => Promise<string> | string,
): Promise<Answer> => {
  const text = JSON.stringify(body)
  const signature = await (
    signed ?? ((message) => signMessage(CALLBACK_SECRET, Math.floor(Date.now() / 1000), message))
  )(text)
  const response = await fetch(`${cloud.url}/functions/v1/verify-payment`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'payment-signature': signature },
    body: text,
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
