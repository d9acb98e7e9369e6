import { existsSync } from 'node:fs'
import { verifyAuditChain } from '../../electron/audit-trail/verify-audit-chain.ts'
import type { WorkspaceDatabase } from '../../electron/database/database.ts'
import { openWorkspaceDatabase } from '../../electron/database/open.ts'
import { systemClock } from '../../electron/platform/clock.ts'
import { silentLog } from '../../electron/platform/log.ts'
import { openVault } from '../../electron/platform/vault/vault.ts'
import { openWorkspaceKey } from '../../electron/workspace/workspace-key.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { type Mark, plainStore, powerLossFolder } from './workload-marks.ts'

const largestFile = 16 * 1024 * 1024

/**
 * Starts the workspace that a power loss left, and answers with everything that is wrong with it: what had been done and is gone, and
 * what is there by half. `done` are the marks up to the moment when the power failed.
 */
export async function checkWorkspace(root: string, done: readonly Mark[]): Promise<readonly string[]> {
  const folder = powerLossFolder(root)
  const wasOpen = done.some(({ kind }) => kind === 'opened')
  if (!existsSync(folder.key)) return wasOpen ? ['the key is lost'] : []
  const key = await openWorkspaceKey(folder.key, plainStore, null)
  if (!key.ok) return [`the key does not open: ${key.error.message}`]
  const { keyHex } = key.value
  const open = () =>
    openWorkspaceDatabase({
      path: folder.database,
      keyHex,
      clock: systemClock,
      backupDirectory: folder.backups,
      log: silentLog,
    })
  const first = open()
  // A database that a bad disk had damaged is saved aside by one start and made anew by the next.
  const wasDamaged = done.some(({ kind }) => kind === 'ended')
  const opened = !first.ok && first.error.code === 'database_corrupt' && wasDamaged ? open() : first
  if (!opened.ok) return [`the database does not open: ${opened.error.message}`]
  const database = opened.value
  try {
    const vault = openVault({ directory: folder.vault, keyHex })
    const present = database.read
      .all(database.build.selectFrom('stored_file').select('sha256').where('state', '=', 'present'))
      .map(({ sha256 }) => sha256 as string as Sha256)
    const wrong = [...damage(database), ...lostDecisions(database, done), ...halves(database)]
    for (const mark of done)
      if (mark.kind === 'kept' && !present.includes(mark.sha256)) wrong.push(`kept file ${mark.sha256} is not known`)
    for (const sha256 of present) {
      const bytes = await vault.readAll(sha256, largestFile)
      if (!bytes.ok) wrong.push(`file ${sha256} is marked present: ${bytes.error.code}`)
    }
    const chain = await verifyAuditChain({ database }, { from: null, to: null })
    if (!chain.ok || !chain.value.ok) wrong.push('the audit chain does not hold')
    return wrong
  } finally {
    database.close()
  }
}

const damage = (database: WorkspaceDatabase): readonly string[] =>
  database.write((handle) => {
    const lines = handle.prepare('pragma integrity_check').all() as { readonly integrity_check: string }[]
    return lines.flatMap(({ integrity_check: line }) => (line === 'ok' ? [] : [`integrity: ${line}`]))
  })

function lostDecisions(database: WorkspaceDatabase, done: readonly Mark[]): readonly string[] {
  const here = new Set(database.read.all(database.build.selectFrom('outbox').select('mutation_id')).map(idOf))
  const acknowledged = done.flatMap((mark) => (mark.kind === 'decided' ? mark.mutationIds : []))
  return acknowledged.filter((id) => !here.has(id)).map((id) => `decision ${id} is lost`)
}

const idOf = ({ mutation_id }: { readonly mutation_id: string }) => mutation_id

/** A decision is an outbox entry, a row of its own, an overlay and an event of the log: all of them or none. */
function halves(database: WorkspaceDatabase): readonly string[] {
  return database.write((handle) => {
    const lines = handle
      .prepare(
        `select o.mutation_id || ' has no ' || part.name as wrong from outbox o, (select 'row' as name union select 'event' union select 'overlay') part
         where case part.name
           when 'row' then not exists (select 1 from pending_row p where p.mutation_id = o.mutation_id and p.row_id = o.row_id)
           when 'event' then not exists (select 1 from audit_event e where e.entity_id = o.row_id)
           else not exists (select 1 from batch_overlay v where v.batch_id = o.batch_id) end
         union all
         select e.event_id || ' tells of no decision' from audit_event e
         where e.action = 'decision.recorded' and not exists (select 1 from outbox o where o.row_id = e.entity_id)`,
      )
      .all() as { readonly wrong: string }[]
    return lines.map(({ wrong }) => wrong)
  })
}
