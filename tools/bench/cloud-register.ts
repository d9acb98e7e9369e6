import type pg from 'pg'
import {
  addPerson,
  addProject,
  type Cloud,
  openSession,
  publishRubric,
  type Session,
  startCloud,
} from '../../supabase/tests/support.ts'

/** A register of many batches on the cloud's own PostgreSQL, and people who work on it. */
export interface BenchRegister {
  readonly cloud: Cloud
  /** Desk verifiers; each is assigned to the same share of the batches that are under review. */
  readonly verifiers: readonly string[]
  readonly administrator: string
}

const VERIFIERS = 20
const RECYCLERS = 200

/** Makes a register of two hundred recyclers: of ten batches two are claimable, seven under review by one of twenty verifiers, one is approved. */
export const makeRegister = async (batches: number): Promise<BenchRegister> => {
  const cloud = await startCloud()
  const { owner } = cloud
  await publishRubric(owner)
  const administrator = await addPerson(owner, { role: 'admin' })
  const verifiers: string[] = []
  for (let count = 0; count < VERIFIERS; count++)
    verifiers.push(await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier' }))
  for (let count = 0; count < RECYCLERS; count++) await addProject(owner, await addPerson(owner, { role: 'recycler' }))
  await owner.query('begin')
  await owner.query(`set local veridesk.bulk = 'on'`)
  await owner.query(
    `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted, description, status, risk_score)
     select p.user_id, p.id, 'APRS', 10.5 + n % 1000, 'Mombasa', date '2026-03-01' + n % 200, 'Batch ' || n,
       case when n / $2 % 10 < 2 then 'pending' when n / $2 % 10 < 9 then 'under_review' else 'approved' end, (n * 7919) % 101
     from generate_series(0, $1::integer - 1) n
     join (select p.id, p.user_id, row_number() over (order by p.id) - 1 as place from public.projects p) p on p.place = n % $2`,
    [batches, RECYCLERS],
  )
  await owner.query(
    `insert into public.assignments (batch_id, user_id, role)
     select b.id, ($1::uuid[])[1 + row_number() over (order by b.id) % $2], 'desk_verifier'
     from public.batches b where b.status <> 'pending'`,
    [verifiers, VERIFIERS],
  )
  await owner.query('commit')
  await owner.query('analyze')
  return { cloud, verifiers, administrator }
}

/** Milliseconds of each run of some queries, in turn, so that whatever else the machine does is in all of them alike. */
export const measureInTurn = async (
  runs: number,
  queries: readonly (() => Promise<unknown>)[],
  warmUp = 5,
): Promise<readonly (readonly number[])[]> => {
  const samples: number[][] = queries.map(() => [])
  for (let run = 0; run < runs + warmUp; run++)
    for (const [index, query] of queries.entries()) {
      const started = performance.now()
      await query()
      if (run >= warmUp) samples[index]?.push(performance.now() - started)
    }
  return samples
}

/** A connection in an open transaction as somebody, so that a query alone is measured. */
export const standAs = async (cloud: Cloud, person: string): Promise<pg.Client> => {
  const session: Session = openSession(await cloud.connect(), person)
  await session.begin()
  return session.client
}
