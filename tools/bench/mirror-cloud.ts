// The cloud of the mirror's bench, in a process of its own as it is in life: it must not share a thread with what is measured.
import { startCloudFixture } from '../../electron/sync/testing/cloud-fixture.ts'

const cloud = await startCloudFixture({ batches: Number(process.argv[2]), evidenceFiles: 0 })
process.send?.(cloud.profile)
process.once('message', async () => {
  await cloud.stop()
  process.disconnect()
})
