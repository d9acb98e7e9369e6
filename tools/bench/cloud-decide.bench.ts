import { randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import pg from 'pg'
import { pushAnswer } from '../../shared/wire/sync.ts'
import { decision, mutation } from '../../supabase/tests/mutations.ts'
import { addBatches, addPerson, addProject, migrationsDirectory, publishRubric } from '../../supabase/tests/support.ts'
import { createAuthUser, startLocalCloud } from '../local-cloud/index.ts'
import { makeTemporaryFolder } from '../local-cloud/testing.ts'
import { type BenchRow, percentile } from './bench-row.ts'

const rounds = 200
/** Until each of the REST layer's ten connections has made and kept its plans: as in a cloud that has run for a minute. */
const warmUp = 60
const limit = 25

/** Claiming a batch and deciding on it, two calls by supabase-js over HTTP to the local cloud with data that is kept; beside it the same two trips for nothing. */
export async function benchDecide(): Promise<BenchRow[]> {
  const folder = makeTemporaryFolder()
  const cloud = await startLocalCloud({ dataDirectory: folder.path, migrationsDirectory })
  const owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
  try {
    await publishRubric(owner)
    const project = await addProject(owner, await addPerson(owner, { role: 'recycler' }))
    const batches = await addBatches(owner, project, rounds + warmUp)
    const [id, email, password] = [randomUUID(), 'bench@example.org', randomUUID()]
    await createAuthUser(owner, { id, email, password, userMetadata: { name: 'Ann', role: 'verifier' } })
    await owner.query(
      `update public.users set approval_status = 'approved', sub_role = 'desk_verifier' where id = $1`,
      [id],
    )
    const client = createClient(cloud.url, cloud.publishableKey, {
      auth: { persistSession: false, autoRefreshToken: false },
    })
    const { error } = await client.auth.signInWithPassword({ email, password })
    if (error !== null) throw error
    const push = async (sent: readonly unknown[]) => {
      const answer = await client.rpc('sync_push', { p_mutations: sent })
      if (answer.error !== null) throw answer.error
      return pushAnswer.parse(answer.data)
    }
    const pairs: number[] = []
    const trips: number[] = []
    for (const [round, batch] of batches.entries()) {
      const started = performance.now()
      const [claimed] = await push([
        mutation('batch.claim', batch, { assignment_id: randomUUID() }, { base_version: 1, row_id: batch }),
      ])
      const row = claimed?.rows[0]?.row
      const now = { version: Number(row?.version), content_hash: String(row?.content_hash), status: 'under_review' }
      const [decided] = await push([decision(batch, now)])
      const taken = performance.now()
      await push([])
      await push([])
      const back = performance.now()
      if (decided?.status !== 'applied') throw new Error(`not decided: ${decided?.code}`)
      if (round < warmUp) continue
      pairs.push(taken - started)
      trips.push(back - taken)
    }
    const value = percentile(pairs, 0.95)
    return [
      {
        name: 'claim and decide over HTTP, p95',
        value,
        unit: 'ms',
        target: limit,
        better: 'lower',
        ok: value < limit,
        peer: {
          name: `two empty calls, p95; p50 ${percentile(pairs, 0.5).toFixed(1)}`,
          value: percentile(trips, 0.95),
          unit: 'ms',
        },
      },
    ]
  } finally {
    await owner.end()
    await cloud.stop()
    folder.remove()
  }
}
