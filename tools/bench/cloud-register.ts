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
  readonly recycler: string
  readonly project: string
  /** Desk verifiers; each is assigned to the same share of the batches that are under review. */
  readonly verifiers: readonly string[]
  readonly administrator: string
}

const VERIFIERS = 20

/** Makes a register: of ten batches two are claimable, seven under review by one of twenty verifiers, one is approved. */
export const makeRegister = async (batches: number): Promise<BenchRegister> => {
  const cloud = await startCloud()
  const { owner } = cloud
  await publishRubric(owner)
  const recycler = await addPerson(owner, { role: 'recycler' })
  const administrator = await addPerson(owner, { role: 'admin' })
  const verifiers: string[] = []
  for (let count = 0; count < VERIFIERS; count++)
    verifiers.push(await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier' }))
  const project = await addProject(owner, recycler)
  await owner.query('begin')
  await owner.query(`set local veridesk.bulk = 'on'`)
  await owner.query(
    `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted, description, status, risk_score)
     select $1, $2, 'APRS', 10.5 + n % 1000, 'Mombasa', date '2026-03-01' + n % 200, 'Batch ' || n,
       case when n % 10 < 2 then 'pending' when n % 10 < 9 then 'under_review' else 'approved' end, (n * 7919) % 101
     from generate_series(1, $3::integer) n`,
    [recycler, project, batches],
  )
  await owner.query(
    `insert into public.assignments (batch_id, user_id, role)
     select b.id, ($1::uuid[])[1 + row_number() over (order by b.id) % $2], 'desk_verifier'
     from public.batches b where b.status <> 'pending'`,
    [verifiers, VERIFIERS],
  )
  await owner.query('commit')
  await owner.query('analyze')
  return { cloud, recycler, project, verifiers, administrator }
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
