import type pg from 'pg'

const QUERY = `
with ours as (
  select oid, nspname from pg_namespace where nspname in ('public', 'private')
)
select kind || ' ' || what as line from (
  select 'relation' as kind, c.relkind::text || ' ' || c.oid::regclass || ' rls=' || c.relrowsecurity || ' ' || coalesce(c.reloptions::text, '')
    || ' ' || coalesce((select string_agg(a::text, ',' order by a::text) from unnest(c.relacl) a), '')
    || ' ' || coalesce(obj_description(c.oid, 'pg_class'), '') as what
  from pg_class c join ours on ours.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S')
  union all
  select 'column', a.attrelid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' required=' || a.attnotnull
    || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || coalesce(a.attacl::text, '')
  from pg_attribute a join pg_class c on c.oid = a.attrelid join ours on ours.oid = c.relnamespace
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm')
  union all
  select 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(c.oid)
  from pg_constraint c join ours on ours.oid = c.connamespace where c.conrelid <> 0
  union all
  select 'index', pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid join ours on ours.oid = c.relnamespace
  union all
  select 'trigger', pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where not t.tgisinternal and c.relnamespace in (select oid from ours union select to_regnamespace('auth') union select to_regnamespace('storage'))
  union all
  select 'policy', p.polrelid::regclass || ' ' || p.polname || ' ' || p.polcmd::text || ' ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '')
    || ' ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
  from pg_policy p
  union all
  select 'function', p.oid::regprocedure || ' ' || md5(pg_get_functiondef(p.oid)) || ' '
    || coalesce((select string_agg(a::text, ',' order by a::text) from unnest(p.proacl) a), '') || ' ' || coalesce(obj_description(p.oid, 'pg_proc'), '')
  from pg_proc p join ours on ours.oid = p.pronamespace where p.prokind in ('f', 'p')
  union all
  select 'view', c.oid::regclass || ' ' || md5(pg_get_viewdef(c.oid)) from pg_class c join ours on ours.oid = c.relnamespace
  where c.relkind in ('v', 'm')
) as lines order by 1`

/** Every relation, column, constraint, index, trigger, policy, function and grant of our schemas, one line each, in a fixed order. */
export const describeCatalogue = async (owner: pg.Client): Promise<readonly string[]> => {
  const { rows } = await owner.query<{ line: string }>(QUERY)
  return rows.map(({ line }) => line).sort()
}
