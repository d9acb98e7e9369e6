// A workstation at work, to be recorded: decisions, files, pages of the mirror, and starts in between. After each thing that the
// program would call done it writes a mark. Run as a process of its own under recorder.c.
import { closeSync, openSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { beginUse, openConnection } from '../../electron/database/connection.ts'
import { createDatabase, type WorkspaceDatabase } from '../../electron/database/database.ts'
import { openWorkspaceDatabase } from '../../electron/database/open.ts'
import { fixture, insertFixture, people, testSettings } from '../../electron/database/testing.ts'
import { recordDecision } from '../../electron/decisions/record-decision.ts'
import { systemClock } from '../../electron/platform/clock.ts'
import { newId, sha256Hex } from '../../electron/platform/identifiers.ts'
import { silentLog } from '../../electron/platform/log.ts'
import { systemDisk, type VaultDisk } from '../../electron/platform/vault/receive-file.ts'
import { someBytes } from '../../electron/platform/vault/testing.ts'
import { openVault } from '../../electron/platform/vault/vault.ts'
import { createWorkspaceFiles } from '../../electron/workspace/workspace-files.ts'
import { makeWorkspaceKey } from '../../electron/workspace/workspace-key.ts'
import type { DeviceId } from '../../shared/domain/ids.ts'
import { type Mark, plainStore, powerLossFolder, type WorkloadOptions } from './workload-marks.ts'

const { root, marks, rounds, carelessDatabase, carelessVault, damaged }: WorkloadOptions = JSON.parse(
  process.argv[2] ?? '',
)
const marksFile = openSync(marks, 'a')
const mark = (done: Mark) => writeSync(marksFile, JSON.stringify(done))

const folder = powerLossFolder(root)
const made = await makeWorkspaceKey(folder.key, plainStore, null)
if (!made.ok) throw new Error(made.error.message)
const { keyHex } = made.value
const deviceId = newId<DeviceId>()

function openAsTheProgramDoes(): WorkspaceDatabase {
  const opened = openWorkspaceDatabase({
    path: folder.database,
    keyHex,
    clock: systemClock,
    backupDirectory: folder.backups,
    log: silentLog,
  })
  if (!opened.ok) throw new Error(opened.error.message)
  return opened.value
}

/** The same file without a sync of anything: what the check must find fault with. */
function openCarelessly(): WorkspaceDatabase {
  openAsTheProgramDoes().close()
  const writer = openConnection(folder.database, keyHex, 'write')
  beginUse(writer)
  writer.pragma('synchronous = off')
  const reader = openConnection(folder.database, keyHex, 'read')
  beginUse(reader)
  return createDatabase({ writer, reader, onDamage: () => {}, release: () => {} })
}

const carelessDisk: VaultDisk = {
  ...systemDisk,
  async open(...parameters) {
    const handle = await open(...parameters)
    handle.sync = async () => {}
    return handle
  },
}
const openDatabase = carelessDatabase ? openCarelessly : openAsTheProgramDoes
let database = openDatabase()
const vault = openVault({ directory: folder.vault, keyHex, disk: carelessVault ? carelessDisk : systemDisk })
database.write((handle) => insertFixture(handle, { batches: rounds * 3, evidencePerBatch: 1, riskOf: () => 10 }))
mark({ kind: 'opened' })

for (let round = 0; round < rounds; round += 1) {
  const decided = recordDecision(
    {
      database,
      clock: systemClock,
      person: people.desk,
      deviceId,
      settings: testSettings,
      log: silentLog,
      clockOffsetMilliseconds: 0,
    },
    {
      action: 'approve',
      reasonCode: 'evidence_complete',
      reason: 'Evidence complete and consistent',
      acknowledgedGates: [],
      batchIds: [0, 1, 2].slice(0, 1 + (round % 3)).map((offset) => fixture.batch(round * 3 + offset)),
    },
  )
  if (!decided.ok) throw new Error(decided.error.message)
  const mutationIds = decided.value.flatMap(({ mutationId }) => (mutationId === null ? [] : [mutationId]))
  if (mutationIds.length === 0) throw new Error(`No decision: ${decided.value[0]?.refused?.message}`)
  mark({ kind: 'decided', mutationIds })

  // A page of the mirror, which may be lost: it is pulled again.
  database.write(
    (handle) => handle.prepare("update batch set updated_at = updated_at || '.' where row % 3 = ?").run(round % 3),
    'normal',
  )
  if (round % 3 === 1) {
    const bytes = someBytes(3000 + round * 40_000, round + 1)
    const sha256 = sha256Hex(bytes)
    const files = createWorkspaceFiles({
      vault,
      database,
      clock: systemClock,
      engine: { ensureFile: () => Promise.reject(new Error('There is no network')), touchFile: () => {} },
    })
    const kept = await files.keep(sha256, bytes)
    if (!kept.ok) throw new Error(kept.error.message)
    mark({ kind: 'kept', sha256 })
  }
  if (round % 5 === 4) {
    // A start brings the log into the database, and goes on.
    database.close()
    database = openDatabase()
  }
}
database.close()
mark({ kind: 'ended' })

if (damaged) {
  // A bad disk: pages of the mirror's first tables. The start notices, saves what was not sent aside, and the next one puts it back.
  const file = openSync(folder.database, 'r+')
  writeSync(file, Buffer.alloc(8192 * 3, 0x5a), 0, 8192 * 3, 8192 * 12)
  closeSync(file)
  const refused = openWorkspaceDatabase({
    path: folder.database,
    keyHex,
    clock: systemClock,
    backupDirectory: folder.backups,
    log: silentLog,
  })
  if (refused.ok || refused.error.code !== 'database_corrupt') throw new Error('The damage was not noticed')
  mark({ kind: 'saved_aside' })
  database = openDatabase()
  mark({ kind: 'put_back' })
  database.close()
}
closeSync(marksFile)
