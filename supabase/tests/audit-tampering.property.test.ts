import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyAuditChain } from '../../shared/domain/verify-audit-chain.ts'
import { auditDigest, readAuditChainRows } from '../../tools/audit-chain/read-audit-chain.ts'
import { addPerson, type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
  const { owner } = cloud
  for (let person = 0; person < 4; person++)
    await addPerson(owner, { role: 'buyer', name: `Person ${person}, "quoted" \\ ü 漢 \u0001\n` })
  for (let transaction = 0; transaction < 12; transaction++) {
    await owner.query('begin')
    for (let row = 0; row <= transaction % 4; row++) {
      const id = randomUUID()
      await owner.query('insert into public.organizations (id, name, country) values ($1, $2, $3)', [
        id,
        `Works ${transaction}`,
        'KE',
      ])
      await owner.query('update public.organizations set name = name || $2 where id = $1', [id, '\t"☃"'])
    }
    await owner.query('commit')
    if (transaction === 5) await owner.query('select private.anchor_audit_head()')
  }
  await owner.query(
    `set role service_role; insert into public.audit_logs (action, ip_address, user_agent) values ('EXPORT', '10.0.0.7', 'curl "8"'); reset role`,
  )
  await owner.query('select private.anchor_audit_head()')
}, timeout)
afterAll(() => cloud.stop())

/** What both checks say, within the transaction that the connection is in. */
const answers = async () => {
  const { rows } = await cloud.owner.query<{ answer: { ok: boolean; first_break: { problem: string } | null } }>(
    'select public.verify_audit_chain() as answer',
  )
  return { cloud: rows[0]?.answer, here: verifyAuditChain(await readAuditChainRows(cloud.owner), auditDigest) }
}

const rehash = (where: string) =>
  `update public.audit_logs l set entry_hash = private.text_hash(private.audit_entry_text(l)) where ${where};`
const resealed = (where: string) =>
  `update public.audit_seals s set hash = private.text_hash(private.audit_seal_text(s)) where ${where};`
const entry = 'l.id = (select id from public.audit_logs order by bundle, ordinal offset $1 limit 1)'
const seal = 's.seq = (select seq from public.audit_seals order by seq offset $1 limit 1)'
const columns = `id, user_id, action, table_name, record_id, old_values, new_values, ip_address, user_agent, created_at, actor_type,
  actor, severity`

/** Ways of tampering; $1 stands for which of the rows, counted from 0. Each of them changes something. */
const entryTampering: Readonly<Record<string, string>> = {
  'another action': `update public.audit_logs l set action = action || 'x' where ${entry};`,
  'another table': `update public.audit_logs l set table_name = coalesce(table_name, '') || 'x' where ${entry};`,
  'another record': `update public.audit_logs l set record_id = gen_random_uuid() where ${entry};`,
  'another value': `update public.audit_logs l set new_values = coalesce(new_values, '{}') || '{"version": 1000}' where ${entry};`,
  'another digit': `update public.audit_logs l set old_values = coalesce(old_values, '{}') || '{"version": 1.0}' where ${entry};`,
  'another actor': `update public.audit_logs l set actor = 'system:nobody' where ${entry};`,
  'another kind of actor': `update public.audit_logs l set actor_type = 'agent' where ${entry};`,
  'another severity': `update public.audit_logs l set severity = 'critical' where ${entry};`,
  'another address': `update public.audit_logs l set ip_address = '192.0.2.1' where ${entry};`,
  'another program': `update public.audit_logs l set user_agent = 'x' where ${entry};`,
  'another time': `update public.audit_logs l set created_at = created_at - interval '1 microsecond' where ${entry};`,
  'another month': `update public.audit_logs l set created_at = created_at + interval '1 year' where ${entry};`,
  'another hash': `update public.audit_logs l set entry_hash = sha256('x') where ${entry};`,
  'a value and its hash': `update public.audit_logs l set action = 'x' where ${entry}; ${rehash(entry)}`,
  'a removed entry': `delete from public.audit_logs l where ${entry};`,
  'a copy in the same place': `insert into public.audit_logs
    select gen_random_uuid(), ${columns.slice(4)}, bundle, ordinal, entry_hash from public.audit_logs l where ${entry};`,
  'an entry at the end of a bundle': `insert into public.audit_logs
    select gen_random_uuid(), ${columns.slice(4)}, bundle, ordinal + 100, entry_hash from public.audit_logs l where ${entry};
    ${rehash('l.ordinal > 100')}`,
  'an entry without a seal': `insert into public.audit_logs
    select gen_random_uuid(), ${columns.slice(4)}, 1000000, ordinal, entry_hash from public.audit_logs l where ${entry};
    ${rehash('l.bundle = 1000000')}`,
  'an entry of another bundle': `update public.audit_logs l set bundle = bundle + 1 where ${entry};`,
  'entries in another order': `update public.audit_logs l set ordinal = m.most + 1 - l.ordinal
    from (select bundle, max(ordinal) as most from public.audit_logs where ordinal > 0 group by bundle having count(*) > 1
      order by bundle offset $1 % 5 limit 1) m where m.bundle = l.bundle;`,
  'entries in another order, hashed': `with m as (select bundle, max(ordinal) as most from public.audit_logs group by bundle
      having count(*) > 1 order by bundle offset $1 % 5 limit 1)
    update public.audit_logs l set ordinal = m.most + 1 - l.ordinal from m where m.bundle = l.bundle;
    ${rehash('true')}`,
}

const sealTampering: Readonly<Record<string, string>> = {
  'another number of entries': `update public.audit_seals s set entries = entries + 1 where ${seal};`,
  'another number of entries, hashed': `update public.audit_seals s set entries = entries + 1 where ${seal}; ${resealed(seal)}`,
  'another time of the seal': `update public.audit_seals s set sealed_at = sealed_at + interval '1 second' where ${seal};`,
  'another time of the seal, hashed': `update public.audit_seals s set sealed_at = sealed_at + interval '1 second' where ${seal}; ${resealed(seal)}`,
  'another hash before': `update public.audit_seals s set previous_hash = sha256('x') where ${seal};`,
  'another hash before, hashed': `update public.audit_seals s set previous_hash = sha256('x') where ${seal}; ${resealed(seal)}`,
  'another hash of the seal': `update public.audit_seals s set hash = sha256('x') where ${seal};`,
  'another hash of the entries': `update public.audit_seals s set entries_hash = sha256('x') where ${seal}; ${resealed(seal)}`,
  'a removed seal': `delete from public.audit_seals s where ${seal};`,
  'a removed seal with its entries': `delete from public.audit_logs l using public.audit_seals s where s.bundle = l.bundle and ${seal};
    delete from public.audit_seals s where ${seal};`,
  'entries without their seal at the end': `delete from public.audit_seals s where s.seq >= (
      select seq from public.audit_seals order by seq offset $1 limit 1);`,
  'a cut-off end': `delete from public.audit_logs l using public.audit_seals s where s.bundle = l.bundle and s.seq >= (
      select seq from public.audit_seals order by seq offset $1 limit 1);
    delete from public.audit_seals s where not exists (select 1 from public.audit_logs l where l.bundle = s.bundle);`,
  'two seals exchanged': `update public.audit_seals s set seq = -seq + 2000000 where ${seal};
    update public.audit_seals s set seq = 2000000 - s.seq + 1 where s.seq > 1000000 and not exists (
      select 1 from public.audit_seals o where o.seq = 2000000 - s.seq + 1);`,
}

const otherTampering: Readonly<Record<string, string>> = {
  'another personal value': `update public.audit_values v set new_values = new_values || '{"name": "Somebody else"}'
    where v.entry_id = (select entry_id from public.audit_values order by entry_id offset $1 limit 1);`,
  'a personal value that was none': `update public.audit_values v set old_values = old_values || '{"role": "admin"}'
    where v.entry_id = (select entry_id from public.audit_values order by entry_id offset $1 limit 1);`,
  'another salt': `update public.audit_values v set salt = sha256('x')
    where v.entry_id = (select entry_id from public.audit_values order by entry_id offset $1 limit 1);`,
  'another anchor': `update public.audit_anchors a set seal_hash = sha256('x') where a.number = 1 + $1 % 2;`,
  'another anchor, hashed': `update public.audit_anchors a set seal_hash = sha256('x') where a.number = 2;
    update public.audit_anchors a set hash = private.text_hash(private.audit_anchor_text(a)) where a.number = 2;`,
  'a removed anchor': `delete from public.audit_anchors a where a.number = 1;`,
}

const counts = async (): Promise<{ entries: number; seals: number; values: number }> => {
  const { rows } = await cloud.owner.query(
    `select (select count(*)::int from public.audit_logs) as entries, (select count(*)::int from public.audit_seals) as seals,
       (select count(*)::int from public.audit_values) as values`,
  )
  return rows[0]
}

/** Tampers as a superuser without triggers, asks both checks, and takes it back. */
const tamper = async (statements: readonly string[]) => {
  await cloud.owner.query('begin')
  try {
    await cloud.owner.query('set local session_replication_role = replica')
    for (const sql of statements) await cloud.owner.query(sql)
    return await answers()
  } finally {
    await cloud.owner.query('rollback')
  }
}

test('an untouched chain holds for both', { timeout }, async () => {
  const { cloud: there, here } = await tamper([])
  expect(there).toMatchObject({ ok: true, first_break: null })
  expect(here).toEqual(there)
})

test.each(Object.entries({ ...entryTampering, ...sealTampering, ...otherTampering }))(
  '%s is found, by both in the same place',
  { timeout },
  async (name, sql) => {
    const { entries, seals, values } = await counts()
    const rows = name in entryTampering ? entries : name in sealTampering ? seals : values
    for (const which of new Set([0, 1, Math.floor(rows / 2), rows - 1])) {
      const { cloud: there, here } = await tamper([sql.replaceAll('$1', String(which))])
      expect(there, `${name}, ${which} of ${rows}`).toMatchObject({ ok: false })
      expect(here, `${name}, ${which} of ${rows}`).toEqual(there)
    }
  },
)

test('any mixture of tampering is found, by both in the same place', { timeout }, async () => {
  const { entries, seals, values } = await counts()
  const one = (ways: Readonly<Record<string, string>>, rows: number) =>
    fc
      .tuple(fc.constantFrom(...Object.keys(ways)), fc.nat(rows - 1))
      .map(([name, which]) => ({ name, sql: (ways[name] ?? '').replaceAll('$1', String(which)) }))
  const way = fc.oneof(one(entryTampering, entries), one(sealTampering, seals), one(otherTampering, values))
  await fc.assert(
    fc.asyncProperty(fc.array(way, { minLength: 1, maxLength: 3 }), async (ways) => {
      await cloud.owner.query('begin')
      try {
        await cloud.owner.query('set local session_replication_role = replica')
        for (const { sql } of ways) {
          // Two ways may exclude each other, such as a seal that is gone already.
          await cloud.owner.query('savepoint way')
          await cloud.owner.query(sql).catch(() => cloud.owner.query('rollback to way'))
        }
        const { cloud: there, here } = await answers()
        expect(here).toEqual(there)
      } finally {
        await cloud.owner.query('rollback')
      }
    }),
    { numRuns: 120 },
  )
})
