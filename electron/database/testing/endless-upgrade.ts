// A program that is in the middle of an upgrade until it is killed: the other half of a test.
import path from 'node:path'
import { sql } from 'kysely'
import { migrations } from '../../../migrations/index.ts'
import { systemClock } from '../../platform/clock.ts'
import { silentLog } from '../../platform/log.ts'
import { openWorkspaceDatabase } from '../open.ts'

const { folder, keyHex } = JSON.parse(process.argv[2] ?? '')
openWorkspaceDatabase({
  path: path.join(folder, 'workspace.db'),
  keyHex,
  clock: systemClock,
  backupDirectory: path.join(folder, 'backups'),
  log: silentLog,
  migrations: [
    ...migrations,
    {
      name: '29991231T0000-next-release',
      up: (run) => {
        run(sql`alter table outbox add column color text`)
        run(sql`update outbox set color = 'red', state = 'undone'`)
        process.send?.('in the middle')
        for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
      },
    },
  ],
})
