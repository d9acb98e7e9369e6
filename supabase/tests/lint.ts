import type pg from 'pg'

/** A rule about the schema: what it asks for, why, and a query whose rows (`name`) are what breaks it. */
export interface LintRule {
  readonly rule: string
  readonly why: string
  readonly sql: string
}

/** Functions are ours unless an extension brought them. */
const OUR_FUNCTIONS = `pg_proc p where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not exists (select 1 from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')`
const OUR_RELATIONS = `pg_class c where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)`
const OUR_COLUMNS = `pg_attribute a join pg_class c on c.oid = a.attrelid
  where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
    and not c.relispartition and a.attnum > 0 and not a.attisdropped`
const POLICIES = `(
    select p.oid, p.polrelid, p.polroles, p.polrelid::regclass || ': "' || p.polname || '"' as name,
      concat_ws(' and ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as text
    from pg_policy p join pg_class c on c.oid = p.polrelid
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, to_regnamespace('storage'))
  ) p`

/** The rules of the schema that the catalogue can answer for. */
export const lintRules: readonly LintRule[] = [
  {
    rule: 'every table of public has row-level security',
    why: 'a table without it is open to whoever holds a grant: alter table ... enable row level security',
    sql: `select c.oid::regclass::text as name from ${OUR_RELATIONS} and c.relnamespace = 'public'::regnamespace
          and c.relkind in ('r', 'p') and not c.relrowsecurity`,
  },
  {
    rule: 'every table and view has a comment',
    why: 'the catalogue is the documentation: comment on table ... is ...',
    sql: `select c.oid::regclass::text as name from ${OUR_RELATIONS} and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
          and coalesce(obj_description(c.oid, 'pg_class'), '') = ''`,
  },
  {
    rule: 'every function has a comment',
    why: 'the catalogue is the documentation: comment on function ... is ...',
    sql: `select p.oid::regprocedure::text as name from ${OUR_FUNCTIONS} and coalesce(obj_description(p.oid, 'pg_proc'), '') = ''`,
  },
  {
    rule: 'a function that runs as its owner pins its search path to nothing',
    why: `else its caller chooses what its names mean: security definer set search_path = ''`,
    sql: `select p.oid::regprocedure::text as name from ${OUR_FUNCTIONS} and p.prosecdef
          and not coalesce(p.proconfig @> array['search_path=""'], false)`,
  },
  {
    rule: 'an anonymous visitor executes no function',
    why: 'the platform grants new functions to everybody: revoke all on function ... from public, anon, authenticated',
    sql: `select p.oid::regprocedure::text as name from ${OUR_FUNCTIONS} and has_function_privilege('anon', p.oid, 'execute')`,
  },
  {
    rule: 'an anonymous visitor holds nothing on any table, view or sequence',
    why: 'the platform grants new tables to everybody: revoke all on ... from public, anon, authenticated',
    sql: `select c.oid::regclass::text as name from ${OUR_RELATIONS} and c.relkind in ('r', 'p', 'v', 'm', 'S')
          and (case when c.relkind = 'S' then has_sequence_privilege('anon', c.oid, 'usage, select, update')
            else has_any_column_privilege('anon', c.oid, 'select, insert, update, references')
              or has_table_privilege('anon', c.oid, 'delete, truncate, trigger') end)`,
  },
  {
    rule: 'signed-in people hold nothing on a table of private',
    why: 'private has no policies: only views may be read, and the ids in taken_from_pool, which the policy on batches asks',
    sql: `select c.oid::regclass::text as name from ${OUR_RELATIONS} and c.relnamespace = 'private'::regnamespace and c.relkind in ('r', 'p', 'm')
          and c.relname <> 'taken_from_pool'
          and (has_any_column_privilege('authenticated', c.oid, 'select, insert, update, references')
            or has_table_privilege('authenticated', c.oid, 'delete, truncate, trigger'))`,
  },
  {
    rule: 'signed-in people never delete or truncate',
    why: 'rows end by a mark, not by going away: grant neither',
    sql: `select c.oid::regclass::text as name from ${OUR_RELATIONS} and c.relkind in ('r', 'p', 'v')
          and has_table_privilege('authenticated', c.oid, 'delete, truncate, trigger')`,
  },
  {
    rule: 'a materialized view is read through a function or a view',
    why: 'it has no policies: revoke all on ... from authenticated',
    sql: `select c.oid::regclass::text as name from ${OUR_RELATIONS} and c.relkind = 'm' and has_any_column_privilege('authenticated', c.oid, 'select')`,
  },
  {
    rule: 'every view runs under the policies of whoever asks',
    why: 'else it shows what its owner sees: with (security_invoker = true); own_work asks for the ids of the person who asks alone',
    sql: `select c.oid::regclass::text as name from ${OUR_RELATIONS} and c.relkind = 'v' and c.oid <> 'private.own_work'::regclass
          and not coalesce(c.reloptions @> array['security_invoker=true'], false)`,
  },
  {
    rule: 'there is an index under every foreign key',
    why: 'else every change of the parent reads the whole child: create index on ... (columns of the key first)',
    sql: `select k.conrelid::regclass || '.' || k.conname as name from pg_constraint k
          where k.contype = 'f' and k.connamespace in ('public'::regnamespace, 'private'::regnamespace) and k.conparentid = 0
            and not exists (
              select 1 from pg_index i
              where i.indrelid = k.conrelid and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
                and (i.indpred is null or (cardinality(k.conkey) = 1 and pg_get_expr(i.indpred, i.indrelid) = (
                  select '(' || quote_ident(a.attname) || ' IS NOT NULL)' from pg_attribute a
                  where a.attrelid = k.conrelid and a.attnum = k.conkey[1]
                )))
            )`,
  },
  {
    rule: 'there is an index under every id that a policy looks up',
    why: 'a policy is asked for every row: create index on ... (column), or with it after another column of the same policy',
    sql: `with named as (
            select distinct p.oid as policy, p.name, d.refobjid as relation, d.refobjsubid as attnum
            from ${POLICIES}
            join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
          )
          select n.relation::regclass || '.' || a.attname || ' of ' || n.name as name
          from named n
          join pg_attribute a on a.attrelid = n.relation and a.attnum = n.attnum
          join pg_class c on c.oid = n.relation and c.relkind in ('r', 'p')
          where a.atttypid = 'uuid'::regtype and c.relnamespace <> 'storage'::regnamespace and not exists (
            select 1 from pg_index i
            where i.indrelid = n.relation and n.attnum = any (i.indkey::int2[]) and exists (
              select 1 from named other where other.policy = n.policy and other.relation = n.relation and other.attnum = i.indkey[0]
            )
          )`,
  },
  {
    rule: 'policies ask who is asking once per statement',
    why: 'a bare call runs for every row: write (select auth.uid()), (select private.person_role())',
    sql: `select p.name from ${POLICIES}
          where regexp_replace(p.text, '\\( SELECT (auth|private)\\.[a-z_]+\\(\\) AS [a-z_]+\\)', '', 'g') ~ '(auth|private)\\.[a-z_]+\\(\\)'`,
  },
  {
    rule: 'policies call no volatile function',
    why: 'it runs for every row and may write: mark it stable, or do it elsewhere',
    sql: `select p.name || ' calls ' || f.oid::regprocedure as name from ${POLICIES}
          join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
          join pg_proc f on f.oid = d.refobjid where f.provolatile = 'v'`,
  },
  {
    rule: 'every policy is for a role by name',
    why: 'a policy for public is for anonymous visitors too: create policy ... to authenticated',
    sql: `select p.name from ${POLICIES} where p.polroles && array[0::oid, 'anon'::regrole::oid]`,
  },
  {
    rule: 'a function called by a policy can be executed by whoever the policy is for',
    why: 'else reading fails in place of being empty: grant execute on function ... to authenticated',
    sql: `select p.name || ' calls ' || f.oid::regprocedure as name from ${POLICIES}
          join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
          join pg_proc f on f.oid = d.refobjid
          where f.pronamespace = 'private'::regnamespace and not has_function_privilege('authenticated', f.oid, 'execute')`,
  },
  {
    rule: 'every instant is a timestamp with time zone',
    why: 'a time without zone means another instant on another server: timestamp with time zone',
    sql: `select c.oid::regclass || '.' || a.attname as name from ${OUR_COLUMNS}
          and a.atttypid in ('timestamp'::regtype, 'timestamp[]'::regtype, 'time'::regtype, 'timetz'::regtype)`,
  },
  {
    rule: 'no column is a binary float, other than a coordinate, or money',
    why: 'sums of them depend on their order, and money on the locale: numeric(precision, scale)',
    sql: `select c.oid::regclass || '.' || a.attname as name from ${OUR_COLUMNS}
          and a.atttypid in ('real'::regtype, 'double precision'::regtype, 'money'::regtype, 'real[]'::regtype, 'double precision[]'::regtype)
          and a.attname not in ('latitude', 'longitude')`,
  },
  {
    rule: 'amounts, prices, weights and credits have two places',
    why: 'they travel as hundredths: numeric(precision, 2)',
    sql: `select c.oid::regclass || '.' || a.attname as name from ${OUR_COLUMNS} and c.relkind in ('r', 'p') and a.atttypid = 'numeric'::regtype
          and a.attname ~ '(amount|price|credits|tons|weight|balance|total|fee)' and a.attname !~ 'per_unit'
          and (a.atttypmod - 4) & 65535 is distinct from 2`,
  },
]

/** What breaks a rule, in the order of its name. */
export const offenders = async (owner: pg.Client, { sql }: LintRule): Promise<readonly string[]> => {
  const { rows } = await owner.query<{ name: string }>(sql)
  return rows.map(({ name }) => name).sort()
}
