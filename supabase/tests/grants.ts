import { generateKeyPairSync, sign } from 'node:crypto'
import type pg from 'pg'
import type { Standard } from '../../shared/domain/standard.ts'
import { grantKeyId } from '../../tools/local-cloud/grant-key.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const spki = publicKey.export({ type: 'spki', format: 'der' })
const keyId = grantKeyId(spki)

/** What a person of a test is given. */
export interface TestGrants {
  /** Standards of an accreditation; none when left out. */
  readonly standards?: readonly Standard[]
  /** Recyclers that the person declares independence from. */
  readonly independentOf?: readonly string[]
  readonly validFrom?: string
  readonly validUntil?: string
}

const insertGrant = async (
  owner: pg.ClientBase,
  person: string,
  kind: string,
  subject: unknown,
  given: TestGrants,
): Promise<string> => {
  const { rows } = await owner.query<{ id: string }>(
    `insert into public.access_grants (user_id, kind, subject, valid_from, valid_until)
     values ($1, $2, $3, coalesce($4::timestamptz, timestamptz '2020-01-01Z'), coalesce($5::timestamptz, now() + interval '1 year'))
     returning id`,
    [person, kind, JSON.stringify(subject), given.validFrom ?? null, given.validUntil ?? null],
  )
  return rows[0]?.id ?? ''
}

/** Signs every grant that waits for it with the key of the tests, which the register then knows, and answers how many. */
export const signGrants = async (owner: pg.ClientBase): Promise<number> => {
  await owner.query(
    `insert into public.grant_keys (key_id, public_key, valid_from) values ($1, $2, '2020-01-01Z') on conflict (key_id) do nothing`,
    [keyId, spki.toString('base64')],
  )
  const { rows } = await owner.query<{ id: string; body: string }>(
    'select id, body from public.access_grants where signature is null and revoked_at is null',
  )
  for (const { id, body } of rows)
    await owner.query('select public.store_access_grant_signature($1, $2, $3, $4)', [
      id,
      body,
      keyId,
      sign(null, Buffer.from(body, 'utf8'), privateKey).toString('base64'),
    ])
  return rows.length
}

/** Gives a person signed grants as the register's owner, and answers with their ids. */
export const grantAccess = async (owner: pg.ClientBase, person: string, given: TestGrants): Promise<string[]> => {
  const made: string[] = []
  if (given.standards !== undefined)
    made.push(
      await insertGrant(
        owner,
        person,
        'accreditation',
        { standards: given.standards, body: 'Accreditation Service', number: 'AS-0421' },
        given,
      ),
    )
  for (const recycler of given.independentOf ?? [])
    made.push(
      await insertGrant(
        owner,
        person,
        'independence',
        { declaration: 'none', about_kind: 'recycler', about_id: recycler, statement: 'No interest.' },
        given,
      ),
    )
  await signGrants(owner)
  return made
}
