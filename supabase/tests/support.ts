import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import type { Role, SubRole } from '../../shared/domain/person.ts'
import { migrate, prepareDatabase, startPostgres } from '../../tools/local-cloud/index.ts'
import type { PostgresBinaries } from '../../tools/local-cloud/postgres-binaries.ts'

/** The folder of the migrations under test. */
export const migrationsDirectory = path.join(import.meta.dirname, '../migrations')

/** Milliseconds a test with a real server may take on a busy machine. */
export const SERVER_TEST_MS = 180_000

/** Stands for the service role where `openAs` takes a person: server-side programs that hold the project's secret key. */
export const SERVICE = 'service_role'

/** A PostgreSQL of its own with every migration applied. */
export interface Cloud {
  /** Connection of the database's owner. */
  readonly owner: pg.Client
  /** Another connection of the owner, closed with the cloud. */
  connect(): Promise<pg.Client>
  /** A connection on which every call runs as this person, as a request of the API does; null is an anonymous visitor, `SERVICE` the service role. */
  openAs(person: string | null): Promise<Session>
  /** A connection to another, empty database prepared as a new Supabase project is. */
  emptyDatabase(): Promise<pg.Client>
  stop(): Promise<void>
}

/** A person's connection. */
export interface Session {
  readonly client: pg.Client
  /** One statement in a transaction of its own. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  /** Calls a function of `public` by the names of its parameters and gives its answer. */
  call<Answer>(name: string, parameters?: Readonly<Record<string, unknown>>): Promise<Answer>
  /** Begins a transaction as this person and leaves it open. */
  begin(): Promise<void>
}

const becomePerson = async (client: pg.Client, person: string | null): Promise<void> => {
  const subject = person === SERVICE ? null : person
  const role = person === SERVICE ? SERVICE : person === null ? 'anon' : 'authenticated'
  await client.query(
    `select set_config('request.jwt.claims', $1, true), set_config('request.jwt.claim.sub', $2, true),
            set_config('request.jwt.claim.role', $3, true)`,
    [JSON.stringify({ sub: subject ?? undefined, role }), subject ?? '', role],
  )
  await client.query(`set local role ${role}`)
}

/** The names of a function's parameters that take JSON. */
const jsonParameters = async (client: pg.Client, name: string): Promise<ReadonlySet<string>> => {
  const { rows } = await client.query<{ parameter: string }>(
    `select distinct p.proargnames[a.o] as parameter
     from pg_proc p cross join lateral unnest(p.proargtypes) with ordinality as a (type, o)
     where p.pronamespace = 'public'::regnamespace and p.proname = $1 and a.type in ('json'::regtype, 'jsonb'::regtype)`,
    [name],
  )
  return new Set(rows.map(({ parameter }) => parameter))
}

/** Runs every call on a connection as this person; see `Cloud.openAs`. */
export const openSession = (client: pg.Client, person: string | null): Session => {
  const session: Session = {
    client,
    begin: async () => {
      await client.query('begin')
      await becomePerson(client, person)
    },
    query: async (sql, values = []) => {
      await session.begin()
      try {
        const { rows } = await client.query(sql, [...values])
        await client.query('commit')
        return rows
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    },
    call: async (name, parameters = {}) => {
      const names = Object.keys(parameters)
      const list = names.map((parameter, index) => `${parameter} => $${index + 1}`).join(', ')
      const json = await jsonParameters(client, name)
      const values = names.map((parameter) => {
        const value = parameters[parameter]
        return json.has(parameter) && value !== null ? JSON.stringify(value) : value
      })
      const rows = await session.query(`select public.${name}(${list}) as answer`, values)
      return rows[0]?.answer
    },
  }
  return session
}

/** Starts a server, the given one or ours, in a folder of its own and applies the migrations. */
export const startCloud = async (binaries?: PostgresBinaries): Promise<Cloud> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-sql-'))
  chmodSync(folder, 0o711)
  const server = await startPostgres({
    dataDirectory: folder,
    durable: false,
    ...(binaries === undefined ? {} : { binaries }),
  })
  const open: pg.Client[] = []
  const connectTo = async (database: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: server.connectionString.replace(/\/postgres$/, `/${database}`) })
    // A connection that the server closes at the end is no failure of a test.
    client.on('error', () => {})
    await client.connect()
    open.push(client)
    return client
  }
  const connect = (): Promise<pg.Client> => connectTo('postgres')
  const emptyDatabase = async (): Promise<pg.Client> => {
    const name = `empty_${randomUUID().replaceAll('-', '')}`
    const maker = await connect()
    await maker.query(`create database ${name} template template0`)
    const client = await connectTo(name)
    await prepareDatabase(client)
    return client
  }
  const owner = await connect()
  await prepareDatabase(owner)
  await migrate(owner, migrationsDirectory)
  return {
    owner,
    connect,
    emptyDatabase,
    openAs: async (person) => openSession(await connect(), person),
    stop: async () => {
      await Promise.all(open.map((client) => client.end().catch(() => {})))
      await server.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** What a person of a test is. */
export interface PersonFacts {
  readonly role: Role
  readonly subRole?: SubRole | null
  readonly organizationId?: string | null
  readonly approval?: 'pending' | 'approved' | 'rejected'
  readonly active?: boolean
  readonly grants?: readonly string[]
  readonly name?: string
}

/** Makes an account with its profile, and answers with its id. */
export const addPerson = async (owner: pg.Client, facts: PersonFacts): Promise<string> => {
  const id = randomUUID()
  const name = facts.name ?? `${facts.subRole ?? facts.role} ${id.slice(0, 8)}`
  await owner.query(`insert into auth.users (id, email, raw_user_meta_data) values ($1, $2, $3)`, [
    id,
    `${id}@example.org`,
    JSON.stringify({ name }),
  ])
  await owner.query(
    `update public.users set role = $2, sub_role = $3, organization_id = $4, approval_status = $5, active = $6 where id = $1`,
    [
      id,
      facts.role,
      facts.subRole ?? null,
      facts.organizationId ?? null,
      facts.approval ?? 'approved',
      facts.active ?? true,
    ],
  )
  for (const grant of facts.grants ?? [])
    await owner.query('insert into public.user_grants (user_id, grant_name) values ($1, $2)', [id, grant])
  return id
}

/** Makes an organization and answers with its id. */
export const addOrganization = async (owner: pg.Client, name: string): Promise<string> => {
  const { rows } = await owner.query<{ id: string }>(
    `insert into public.organizations (name, kind, country) values ($1, 'other', 'KE') returning id`,
    [name],
  )
  return rows[0]?.id ?? ''
}

/** Makes a project of a recycler and answers with its id. */
export const addProject = async (owner: pg.Client, recycler: string, standard = 'APRS'): Promise<string> => {
  const { rows } = await owner.query<{ id: string }>(
    `insert into public.projects (user_id, name, standard, location, latitude, longitude, time_zone)
     values ($1, 'Shore cleaning', $2, 'Mombasa', -4.05, 39.66, 'Africa/Nairobi') returning id`,
    [recycler, standard],
  )
  return rows[0]?.id ?? ''
}

/** Makes batches of a project in one statement and answers with their ids. */
export const addBatches = async (
  owner: pg.Client,
  project: string,
  count: number,
  status = 'pending',
): Promise<string[]> => {
  const { rows } = await owner.query<{ id: string }>(
    `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted, description, status,
       calculated_plastic_credits)
     select p.user_id, p.id, p.standard, 10.5 + n, 'Mombasa', date '2026-03-01' + n % 200, 'Batch ' || n, $3, 10.5 + n
     from public.projects p, generate_series(1, $2::integer) n where p.id = $1
     returning id`,
    [project, count, status],
  )
  return rows.map((row) => row.id)
}

/** Adds a file of evidence to a batch and answers with its id. */
export const addEvidence = async (owner: pg.Client, batch: string, uploadedBy: string): Promise<string> => {
  const id = randomUUID()
  await owner.query(
    `insert into public.evidence_files (id, batch_id, bucket, object_path, sha256, byte_size, media_type, kind, title, uploaded_by)
     values ($1, $2, 'batch-photos', $3, $4, 1000, 'image/jpeg', 'photo', 'Bales', $5)`,
    [id, batch, `${uploadedBy}/${batch}/${id}.jpg`, id.replaceAll('-', '').repeat(2), uploadedBy],
  )
  return id
}

/** Assigns a person to batches, without moving the batches' state. */
export const assign = async (
  owner: pg.Client,
  batches: readonly string[],
  person: string,
  role = 'desk_verifier',
): Promise<void> => {
  await owner.query(
    'insert into public.assignments (batch_id, user_id, role) select b, $2, $3 from unnest($1::uuid[]) b',
    [batches, person, role],
  )
}

/** A rubric of three criteria: a knock-out of weight 2, and two of weight 1 of which the last may be left out. */
export const smallRubric = {
  criteria: (['E-01', 'Q-01', 'D-01'] as const).map((code, index) => ({
    code,
    group: 'eligibility',
    question: `Is ${code} met?`,
    guidance: '',
    weight: index === 0 ? 2 : 1,
    anchors: ['none', 'poor', 'weak', 'fair', 'good', 'full'],
    required_evidence: ['photo'],
    knock_out: index === 0,
    not_applicable: index === 2 ? 'with_reason' : 'never',
  })),
}

/** Publishes a rubric and answers with its id. */
export const publishRubric = async (
  owner: pg.Client,
  standard = 'APRS',
  body: unknown = smallRubric,
): Promise<string> => {
  const { rows } = await owner.query<{ answer: { row: { id: string } } }>(
    `select public.publish_rubric($1, 'Rubric for tests', $2) as answer`,
    [standard, JSON.stringify(body)],
  )
  return rows[0]?.answer.row.id ?? ''
}
