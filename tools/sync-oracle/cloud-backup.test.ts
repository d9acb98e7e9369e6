import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type CloudFixture,
  cloudTestMilliseconds,
  startCloudFixture,
} from '../../electron/sync/testing/cloud-fixture.ts'
import { takeCloudBackup } from './cloud-backup.ts'

const timeout = cloudTestMilliseconds
let cloud: CloudFixture
const open: pg.Client[] = []
const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: cloud.databaseUrl })
  // A connection that the server closes at the end is no failure of a test.
  client.on('error', () => {})
  await client.connect()
  open.push(client)
  return client
}
beforeAll(async () => {
  cloud = await startCloudFixture({ batches: 30, evidenceFiles: 0 })
}, timeout)
afterAll(async () => {
  await Promise.all(open.map((client) => client.end()))
  await cloud.stop()
})

const rename = (client: pg.Client, name: string) => client.query('update public.projects set description = $1', [name])
const description = async () => (await cloud.owner.query('select description from public.projects limit 1')).rows[0]
const isWaiting = async () => {
  const { rows } = await cloud.owner.query(
    "select from pg_stat_activity where wait_event_type = 'Lock' and pid <> pg_backend_pid()",
  )
  return rows.length > 0
}

test('a change that is being written when a restore begins is taken back whole, with its entries and their seal', {
  timeout,
}, async () => {
  const [restoring, writer, reader] = [await connect(), await connect(), await connect()]
  await rename(cloud.owner, 'before')
  const backup = await takeCloudBackup({ ...cloud, owner: restoring })
  await rename(cloud.owner, 'after')
  // Somebody holds the entry of the change after the backup, so that the restore stands still among the entries.
  await reader.query('begin')
  await reader.query('select from public.audit_logs l order by l.bundle desc limit 1 for update')
  await writer.query('begin')
  await rename(writer, 'while it is restored')
  const restored = backup.restore()
  await expect.poll(isWaiting, { timeout: 10_000 }).toBe(true)
  await writer.query('commit')
  await reader.query('rollback')
  expect(await restored).toEqual([])
  expect(await description()).toEqual({ description: 'before' })
  await backup.drop()
})
