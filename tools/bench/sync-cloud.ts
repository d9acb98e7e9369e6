// The cloud of the benches of synchronization, in a process of its own as it is in life.
import { people, startCloudFixture } from '../../electron/sync/testing/cloud-fixture.ts'

const [batches, assigned] = process.argv.slice(2).map(Number)
const cloud = await startCloudFixture({ batches: batches ?? 0, evidenceFiles: 0 })
// The last ones are the desk verifier's to decide on.
await cloud.owner.query(
  `with taken as (
     update public.batches set status = 'under_review'
     where id in (select id from public.batches order by id desc limit $1) returning id)
   insert into public.assignments (batch_id, user_id, role) select id, $2, 'desk_verifier' from taken`,
  [assigned ?? 0, people.desk.id],
)
await cloud.owner.query('analyze')
process.send?.({ profile: cloud.profile, databaseUrl: cloud.databaseUrl })
process.once('message', () => process.disconnect())
// The bench has ended, one way or the other.
process.once('disconnect', () => cloud.stop())
