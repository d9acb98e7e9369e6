// A workstation that mirrors until it is killed: the other half of a test of a real SIGKILL.
import { openTestDevice } from './device.ts'

const { profile, who, folder, keyHex } = JSON.parse(process.argv[2] ?? '')
const device = await openTestDevice(profile, who, { folder, keyHex })
process.send?.('begins')
for (;;) {
  await device.sync({ pageRows: 3 })
  device
    .database()
    .write((handle) =>
      handle
        .prepare(
          "update sync_scope set state = 'bootstrap', bootstrap_table = null, bootstrap_after = null, bootstrap_snapshot = null",
        )
        .run(),
    )
}
