import type { ClientBase } from 'pg'

/** A table as the status shows it. */
export interface TableStatus {
  readonly schema: string
  readonly name: string
  /** The planner's estimate; 0 where it was never analyzed. */
  readonly rows: number
  readonly rowSecurity: boolean
  readonly policies: number
}

/** The queue in figures. */
export interface QueueStatus {
  readonly waiting: number
  readonly running: number
  readonly dead: number
  /** Seconds that the job which is due longest has waited. */
  readonly oldestSeconds: number
}

/** What runs in the database of a cloud. Null stands for what this database does not have. */
export interface CloudStatus {
  readonly serverVersion: string
  readonly tables: readonly TableStatus[]
  readonly policies: number
  readonly functions: { readonly public: number; readonly private: number }
  readonly edgeFunctions: readonly string[]
  readonly migrations: { readonly count: number; readonly newest: string | null } | null
  readonly queue: QueueStatus | null
  /** The newest seal of the audit log. */
  readonly chainHead: { readonly seq: string; readonly hash: string } | null
  /** Seconds; see `private.feed_age_seconds()`. */
  readonly feedAgeSeconds: number | null
  readonly serverEpoch: string | null
  readonly health: { readonly status: string; readonly reasons: readonly string[] } | null
}

const TABLES = `
select n.nspname as schema, c.relname as name, greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::float8 as rows, c.relrowsecurity as "rowSecurity",
  (select count(*)::integer from pg_policy p where p.polrelid = c.oid) as policies
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'private') and c.relkind in ('r', 'p') and not c.relispartition
order by 1 desc, 2`

const FUNCTIONS = `
select count(*) filter (where n.nspname = 'public')::integer as public, count(*) filter (where n.nspname = 'private')::integer as private
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('public', 'private')
  and not exists (select 1 from pg_depend d where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e')`

const POLICIES = `select count(*)::integer as policies from pg_policies where schemaname in ('public', 'private', 'storage')`

interface Part {
  /** A relation or a function that has to be there. */
  readonly needs: string
  readonly sql: string
}

const parts = {
  migrations: {
    needs: `to_regclass('supabase_migrations.schema_migrations')`,
    sql: 'select count(*)::integer as count, max(version) as newest from supabase_migrations.schema_migrations',
  },
  queue: {
    needs: `to_regclass('private.job_queue')`,
    sql: `select count(*) filter (where state = 'waiting')::integer as waiting,
            count(*) filter (where state = 'running')::integer as running,
            count(*) filter (where state = 'dead')::integer as dead,
            coalesce(ceil(extract(epoch from max(now() - run_after) filter (where state = 'waiting' and run_after <= now()))), 0)::integer
              as "oldestSeconds"
          from private.job_queue where state <> 'done'`,
  },
  chainHead: {
    needs: `to_regclass('public.audit_seals')`,
    sql: `select seq::text, encode(hash, 'hex') as hash from public.audit_seals order by seq desc limit 1`,
  },
  feedAge: {
    needs: `to_regprocedure('private.feed_age_seconds()')`,
    sql: 'select private.feed_age_seconds() as seconds',
  },
  epoch: {
    needs: `to_regclass('public.server_state')`,
    sql: 'select server_epoch as epoch from public.server_state',
  },
  health: {
    needs: `to_regprocedure('private.health_report()')`,
    sql: `select r ->> 'status' as status,
            array(select (e ->> 'measure') || ' ' || (e ->> 'value') || ' ' || (e ->> 'unit') from jsonb_array_elements(r -> 'reasons') e) as reasons
          from private.health_report() r`,
  },
} satisfies Record<string, Part>

const readPart = async <Row extends object>(client: ClientBase, part: Part): Promise<Row | null> => {
  const { rows } = await client.query<{ there: boolean }>(`select ${part.needs} is not null as there`)
  if (rows[0]?.there !== true) return null
  return (await client.query<Row>(part.sql)).rows[0] ?? null
}

/** Reads what runs in a cloud's database, as its owner; nothing of it needs to be there. */
export const readCloudStatus = async (client: ClientBase, edgeFunctions: readonly string[]): Promise<CloudStatus> => {
  const version = await client.query<{ version: string }>(`select current_setting('server_version') as version`)
  const tables = await client.query<TableStatus>(TABLES)
  const functions = await client.query<{ public: number; private: number }>(FUNCTIONS)
  const policies = await client.query<{ policies: number }>(POLICIES)
  return {
    serverVersion: version.rows[0]?.version ?? '',
    tables: tables.rows,
    policies: policies.rows[0]?.policies ?? 0,
    functions: functions.rows[0] ?? { public: 0, private: 0 },
    edgeFunctions,
    migrations: await readPart<{ count: number; newest: string | null }>(client, parts.migrations),
    queue: await readPart<QueueStatus>(client, parts.queue),
    chainHead: await readPart<{ seq: string; hash: string }>(client, parts.chainHead),
    feedAgeSeconds: (await readPart<{ seconds: number }>(client, parts.feedAge))?.seconds ?? null,
    serverEpoch: (await readPart<{ epoch: string }>(client, parts.epoch))?.epoch ?? null,
    health: await readPart<{ status: string; reasons: readonly string[] }>(client, parts.health),
  }
}
