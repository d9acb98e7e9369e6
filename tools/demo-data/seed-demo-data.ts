import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ClientBase } from 'pg'
import { createAuthUsers } from '../local-cloud/auth-users.ts'
import type { AnswerKey } from './answer-key.ts'
import { grantDemoAccess, type SignGrant } from './cloud/grant-access.ts'
import { insertBatches, insertDecisions, insertRows } from './cloud/insert-rows.ts'
import { type DemoRegister, makeRegister } from './make-register.ts'
import { demoPeopleOfKind } from './people.ts'
import type { Row } from './plan/reviews.ts'
import { uuidOf } from './random.ts'

/** The register is not empty, so nothing was written. */
export class AlreadySeededError extends Error {
  constructor() {
    super('This register already holds batches. Start with --reset to begin again with demo data.')
    this.name = 'AlreadySeededError'
  }
}

/** What `seedDemoData` needs. */
export interface DemoDataOptions {
  /** Connection of the database's owner, inside a transaction that the caller commits; all or nothing is written. */
  readonly client: ClientBase
  /** Stores one file. `ownerId` is the person who is said to have uploaded it. */
  readonly storeObject: (
    bucket: string,
    objectPath: string,
    bytes: Uint8Array,
    mediaType: string,
    ownerId: string,
  ) => Promise<void>
  /** 1 when left out. */
  readonly seed?: number
  /** How many batches, the 24 with full evidence among them; 2,000 when left out, 100 at least. */
  readonly batches?: number
  /** PEM of the authority that issued the auditors' signing certificates. */
  readonly trustAnchorPem: string
  /** Signs the auditors' grants with the register's key; without it they hold none, and verify nothing. */
  readonly signGrant?: SignGrant
  /** The instant (UTC) that the register is made for; 2026-11-20 at eight when left out. */
  readonly now?: string
  /** Where `answer-key.json` is written and generated files are kept for the next time; nowhere when left out. */
  readonly dataDirectory?: string
  /** Where generated files are kept; `demo-cache` below the data directory when left out. */
  readonly cacheDirectory?: string
  readonly log?: (line: string) => void
}

/** The fewest batches that leave room for every state beside those with full evidence. */
const FEWEST_BATCHES = 100

const requireEmptyRegister = async (client: ClientBase): Promise<void> => {
  const { rows } = await client.query<{ bulk: string | null; found: boolean }>(
    `select set_config('veridesk.bulk', 'on', true) as bulk, exists (select from public.batches) as found`,
  )
  if (rows[0]?.found === true) throw new AlreadySeededError()
  const { rows: kept } = await client.query<{ bulk: string | null }>(
    `select current_setting('veridesk.bulk', true) as bulk`,
  )
  if (kept[0]?.bulk !== 'on') throw new Error('seedDemoData is called inside a transaction, which the caller commits.')
}

/** Registration has made bare profiles by trigger; this gives them their role, organization and approval. */
const completeProfiles = async (client: ClientBase, users: readonly Row[]): Promise<void> => {
  const columns = Object.keys(users[0] ?? {})
  const list = columns.join(', ')
  const assignments = columns.filter((column) => column !== 'id').map((column) => `${column} = excluded.${column}`)
  await client.query(
    `insert into public.users (${list})
     select ${list} from jsonb_populate_recordset(null::public.users, $1::jsonb)
     on conflict (id) do update set ${assignments.join(', ')}`,
    [JSON.stringify(users)],
  )
}

const writeRows = async (
  client: ClientBase,
  register: DemoRegister,
  options: DemoDataOptions,
  now: string,
): Promise<void> => {
  await insertRows(client, 'organizations', register.organizations)
  await createAuthUsers(
    client,
    register.people.map((person) => ({
      id: person.id,
      email: person.email,
      password: person.password,
      userMetadata: { name: person.name, organization_name: person.organization },
      createdAt: now,
    })),
  )
  await completeProfiles(client, register.users)
  await insertRows(client, 'user_grants', register.userGrants)
  await insertRows(client, 'trust_anchors', [
    {
      id: uuidOf('trust-anchor'),
      name: 'Veridesk demo certificate authority',
      certificate_pem: options.trustAnchorPem,
      created_at: now,
      version: 1,
    },
  ])
  await insertRows(client, 'rubrics', register.rubrics)
  await insertRows(client, 'projects', register.projects)
  await insertBatches(client, register.batches)
  const { reviews } = register
  const withVersion = (rows: readonly Row[]): readonly Row[] => rows.map((row) => ({ ...row, version: 1 }))
  await insertRows(client, 'evidence_files', withVersion(register.files.map((file) => file.row)))
  await client.query('select private.refresh_content_hashes($1::uuid[])', [
    register.key.fullBatches.map((batch) => batch.batchId),
  ])
  await insertRows(client, 'assignments', withVersion(reviews.assignments))
  await insertRows(client, 'scores', withVersion(reviews.scores))
  await insertRows(client, 'findings', withVersion(reviews.findings))
  await insertRows(client, 'finding_rounds', withVersion(reviews.findingRounds))
  await insertDecisions(client, withVersion(reviews.decisions))
  await insertRows(client, 'verifications', reviews.verifications)
  const [administrator] = demoPeopleOfKind('admin')
  if (options.signGrant !== undefined && administrator !== undefined)
    await grantDemoAccess(client, options.signGrant, administrator.id, now)
  await client.query('select private.rebuild_feed()')
  await client.query(`select set_config('veridesk.bulk', 'off', true)`)
}

/**
 * Fills an empty register with people, projects, batches, evidence and past reviews, and stores the evidence.
 * Answers with what is wrong on purpose. Throws `AlreadySeededError` for a register that holds batches.
 */
export const seedDemoData = async (options: DemoDataOptions): Promise<AnswerKey> => {
  const { client } = options
  const log = options.log ?? (() => {})
  const now = options.now ?? '2026-11-20T08:00:00.000Z'
  const batches = options.batches ?? 2000
  if (!Number.isSafeInteger(batches) || batches < FEWEST_BATCHES) {
    throw new RangeError(`A demo register has at least ${FEWEST_BATCHES} batches.`)
  }
  await requireEmptyRegister(client)
  log('Making the evidence of 24 batches: tickets, photos, workbooks, logs and scans.')
  const cacheDirectory =
    options.cacheDirectory ??
    (options.dataDirectory === undefined ? null : path.join(options.dataDirectory, 'demo-cache'))
  const register = await makeRegister({ seed: options.seed ?? 1, batches, now, cacheDirectory })
  log(`Writing ${batches} batches of ${register.projects.length} projects.`)
  await writeRows(client, register, options, now)
  log(`Storing ${register.files.length} files of evidence.`)
  for (const { planned, objectPath, bytes, ownerId } of register.files) {
    await options.storeObject(planned.bucket, objectPath, bytes, planned.mediaType, ownerId)
  }
  if (options.dataDirectory !== undefined) {
    mkdirSync(options.dataDirectory, { recursive: true })
    writeFileSync(path.join(options.dataDirectory, 'answer-key.json'), `${JSON.stringify(register.key, null, 2)}\n`)
  }
  return register.key
}
