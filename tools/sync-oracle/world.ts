import type { CloudFixture } from '../../electron/sync/testing/cloud-fixture.ts'
import { password, people } from '../../electron/sync/testing/cloud-fixture.ts'
import { createAuthUsers } from '../local-cloud/index.ts'
import { batchCount } from './schedule.ts'

/** A person with a workstation of the oracle's own. */
export interface OracleClient {
  readonly id: string
  readonly email: string
  readonly role: 'verifier'
  readonly subRole: 'desk_verifier' | 'accredited_auditor'
}

/** As many clients as there can be at once. */
export const mostClients = 8

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')

/** The people who take part, every other one an auditor. */
export const oracleClients: readonly OracleClient[] = Array.from({ length: mostClients }, (_, index) => ({
  id: `0000000a-0000-4000-8000-${hex(index, 12)}`,
  email: `client-${index}@example.org`,
  role: 'verifier',
  subRole: index % 2 === 0 ? 'desk_verifier' : 'accredited_auditor',
}))

/** Registers and approves everybody who takes part. */
export async function addOracleClients({ owner }: CloudFixture): Promise<void> {
  await createAuthUsers(
    owner,
    oracleClients.map(({ id, email }) => ({ id, email, password, userMetadata: { name: email } })),
  )
  for (const { id, role, subRole } of oracleClients)
    await owner.query(
      "update public.users set role = $2, sub_role = $3, approval_status = 'approved', active = true where id = $1",
      [id, role, subRole],
    )
}

/** The rows of one schedule: a project with batches that no other schedule touches. */
export interface World {
  readonly batch: (number: number) => string
  readonly project: string
  /** Takes everything out of everybody's reach again. */
  readonly end: () => Promise<void>
}

/** Makes the rows of a schedule. `run` tells it from every other one in this cloud. */
export async function makeWorld({ owner }: CloudFixture, run: number, clients: number): Promise<World> {
  const batch = (number: number): string =>
    `0000000b-0000-4000-${hex(0x8000 + (run >>> 16), 4)}-${hex(run & 0xffff, 4)}${hex(number, 8)}`
  const project = `0000000c-0000-4000-8000-${hex(run, 12)}`
  await owner.query(
    `insert into public.projects (id, user_id, name, standard, location, latitude, longitude, time_zone)
     values ($1, $2, 'Project', 'APRS', 'Surabaya', -7.25, 112.75, 'Asia/Jakarta')`,
    [project, people.recycler.id],
  )
  const ids = Array.from({ length: batchCount }, (_, number) => batch(number))
  await owner.query(
    `insert into public.batches (id, user_id, project_id, standard, tons_or_kwh, location, date_submitted, status)
     select t.id, $2, $3, 'APRS', 10 + t.n, 'Surabaya', date '2026-05-01',
       case when t.n <= $4 then 'under_review' else 'pending' end
     from unnest($1::uuid[]) with ordinality t (id, n)`,
    [ids, people.recycler.id, project, batchCount / 2],
  )
  for (let client = 0; client < clients; client += 1) {
    const { id, subRole } = oracleClients[client] ?? { id: '', subRole: '' }
    await owner.query('select public.assign_batches($1, $2, $3)', [
      ids.filter((_, number) => number < batchCount / 2 && number % clients === client),
      id,
      subRole,
    ])
  }
  return {
    batch,
    project,
    end: async () => {
      const everybody = [oracleClients.map(({ id }) => id)]
      await owner.query('update public.users set active = true where id = any ($1)', everybody)
      await owner.query(
        'update public.user_grants set revoked_at = now() where user_id = any ($1) and revoked_at is null',
        everybody,
      )
      await owner.query('update public.role_permissions set revoked_at = null where revoked_at is not null')
      await owner.query(
        'update public.assignments set ended_at = now() where batch_id = any ($1) and ended_at is null',
        [ids],
      )
      await owner.query(
        "update public.batches set status = 'rejected' where id = any ($1) and status in ('pending', 'under_review')",
        [ids],
      )
    },
  }
}
