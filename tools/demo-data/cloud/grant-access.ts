import type { ClientBase } from 'pg'
import { type DemoPerson, demoPeopleOfKind } from '../people.ts'
import { uuidOf } from '../random.ts'
import { insertRows } from './insert-rows.ts'

/** Signs the text of a grant: the key's id, and the signature in base64. */
export type SignGrant = (body: string) => { readonly keyId: string; readonly signature: string }

/** The one relation that is still to be declared, so that the gate can be seen closed. */
const isLeftOpen = (auditor: DemoPerson, recycler: DemoPerson): boolean =>
  auditor.name === 'Catalina Restrepo' && recycler.name === 'Wanjiru Kamau'

const accreditations: Readonly<Record<string, readonly [body: string, number: string]>> = {
  'Ingrid Solheim': ['Northern Accreditation Service', 'NAS-4471'],
  'Bayu Prasetyo': ['Badan Akreditasi Nusantara', 'BAN-0938'],
  'Catalina Restrepo': ['Organismo Andino de Acreditación', 'OAA-2105'],
}

const insertGrants = async (client: ClientBase, issuer: string, from: string, until: string): Promise<void> => {
  const auditors = demoPeopleOfKind('accredited_auditor')
  const common = { valid_from: from, valid_until: until, issued_at: from, version: 1 }
  await insertRows(
    client,
    'access_grants',
    auditors.map((auditor) => {
      const [body = 'Accreditation Service', number = 'AS-1'] = accreditations[auditor.name] ?? []
      return {
        id: uuidOf(`accreditation:${auditor.email}`),
        user_id: auditor.id,
        kind: 'accreditation',
        subject: { standards: ['ACCCS', 'AEMAS', 'AMCAVS', 'APRS', 'ARCS', 'PCX'], body, number },
        issued_by: issuer,
        ...common,
      }
    }),
  )
  await insertRows(
    client,
    'access_grants',
    auditors.flatMap((auditor) =>
      demoPeopleOfKind('recycler')
        .filter((recycler) => !isLeftOpen(auditor, recycler))
        .map((recycler) => ({
          id: uuidOf(`independence:${auditor.email}:${recycler.email}`),
          user_id: auditor.id,
          kind: 'independence',
          subject: { declaration: 'none', about_kind: 'recycler', about_id: recycler.id, statement: '' },
          issued_by: auditor.id,
          ...common,
        })),
    ),
  )
}

/** What the cloud counts when an auditor is assigned: a bulk insert leaves that out. */
const insertRotation = async (client: ClientBase, until: string): Promise<void> => {
  await client.query(
    `insert into public.access_grants (user_id, kind, subject, valid_from, valid_until)
     select pair.user_id, 'rotation', jsonb_build_object('recycler_id', pair.recycler_id, 'engagements', policy.engagements,
         'counted', cardinality(pair.verified), 'counted_at', private.instant_text(now())),
       least(coalesce(pair.verified[1], now()), now()),
       greatest(coalesce(pair.verified[1], now()) + make_interval(years => policy.years), $1::timestamptz)
     from (
       select a.user_id, b.user_id as recycler_id, private.verifications_of(a.user_id, b.user_id) as verified
       from public.assignments a join public.batches b on b.id = a.batch_id
       where a.role = 'accredited_auditor'
       group by a.user_id, b.user_id
     ) pair cross join private.rotation_policy policy`,
    [until],
  )
}

/** Gives the auditors of the demo what they need to verify, and signs it. The register knows the key already. */
export const grantDemoAccess = async (
  client: ClientBase,
  sign: SignGrant,
  issuer: string,
  now: string,
): Promise<void> => {
  // The demo's calendar stands still, the computer's does not: what was granted must be in force by both.
  const { rows } = await client.query<{ from: string; until: string }>(
    `select private.instant_text($1::timestamptz - interval '300 days') as from,
       private.instant_text(greatest($1::timestamptz, now()) + interval '2 years') as until`,
    [now],
  )
  const [{ from, until } = { from: now, until: now }] = rows
  await insertGrants(client, issuer, from, until)
  await insertRotation(client, until)
  const unsigned = await client.query<{ id: string; body: string }>(
    'select id, body from public.access_grants where signature is null and revoked_at is null',
  )
  for (const { id, body } of unsigned.rows) {
    const { keyId, signature } = sign(body)
    await client.query('select public.store_access_grant_signature($1, $2, $3, $4)', [id, body, keyId, signature])
  }
}
