import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimBatches } from '../../electron/batches/claim-batches.ts'
import type { CaseContext } from '../../electron/database/case-context.ts'
import { recordDecision } from '../../electron/decisions/record-decision.ts'
import { undoDecisions } from '../../electron/decisions/undo-decisions.ts'
import { raiseFinding } from '../../electron/findings/raise-finding.ts'
import { mendOverlays } from '../../electron/outbox/mend-overlays.ts'
import { recoverSending } from '../../electron/outbox/take-for-push.ts'
import { type Clock, systemClock } from '../../electron/platform/clock.ts'
import { silentLog } from '../../electron/platform/log.ts'
import { setScore } from '../../electron/scores/set-score.ts'
import { openTestDevice, type TestDevice } from '../../electron/sync/testing/device.ts'
import { faultyNetwork, type NetworkFault } from '../../electron/sync/testing/faulty-network.ts'
import type { CloudProfile } from '../../shared/contract/views.ts'
import { schemaVersion } from '../../shared/wire/sync.ts'
import { type Network, randomNumbers, type Step } from './schedule.ts'
import type { OracleClient } from './world.ts'

/** A workstation's core: a real encrypted database and vault, the real use cases, and the real synchronization. No window. */
export interface Client {
  readonly who: OracleClient
  readonly device: TestDevice
  /**
   * Does what a person would do at the window, with the batch of that number among those that are on this workstation in a state for it.
   * Refusals are part of the work and change nothing.
   */
  readonly act: (step: Extract<Step, { readonly client: number }>, project: string) => void
  readonly sync: (network: Network, pageRows: number, salt: number) => Promise<void>
  /** Synchronizes until the write that never comes back, and starts again. */
  readonly kill: (atWrite: number) => Promise<void>
  /** Records from now on as a program that is so many versions of the schema older. */
  readonly writeAs: (versionsOlder: number) => void
  readonly jumpClock: (hours: number) => void
  /** Synchronizes over a good network, with nothing left to wait for. Throws when that fails. */
  readonly settle: () => Promise<void>
  readonly dispose: () => void
}

function makeFault(network: Network, random: () => number): NetworkFault | null {
  switch (network) {
    case 'good':
      return null
    case 'cut':
      return random() < 0.4 ? { kind: 'refuse_connection' } : null
    case 'lossy':
      return random() < 0.4 ? { kind: 'lose_answer' } : null
    case 'garbled':
      return random() < 0.3 ? { kind: 'change_answer', change: (text) => text.slice(0, -2) } : null
    case 'slow':
      return null
    case 'half_open':
      return random() < 0.2 ? { kind: 'half_open', delivered: random() < 0.5 } : null
    case 'busy':
      return random() < 0.4 ? { kind: 'answer', status: random() < 0.5 ? 503 : 429, body: '{}' } : null
  }
}

/** A workstation as it was when a person had mirrored everything, to begin many schedules from. */
export interface MirroredWorkspace {
  readonly who: OracleClient
  readonly folder: string
  readonly keyHex: string
  readonly dispose: () => void
}

/** Mirrors everything that a person sees, once. */
export async function mirrorWorkspace(profile: CloudProfile, who: OracleClient): Promise<MirroredWorkspace> {
  const device = await openTestDevice(profile, who)
  const synced = await device.sync({ pageRows: 500 })
  if (!synced.ok) throw new Error(`The first mirror failed: ${synced.error.message}`)
  device.close()
  const { folder, keyHex } = device
  return { who, folder, keyHex, dispose: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) }
}

const lastChange = (device: TestDevice): number =>
  device.database().read.first(
    device
      .database()
      .build.selectFrom('outbox')
      .select((select) => select.fn.max('sequence').as('sequence')),
  )?.sequence ?? 0

/** Leaves the changes after `sequence` as an earlier program would have: nothing in their bodies has changed since but the number. */
function ageChanges(device: TestDevice, sequence: number, version: number): void {
  device
    .database()
    .write((handle) =>
      handle
        .prepare(
          `update outbox set schema_version = ?, body = json_set(body, '$.schema_version', ?) where sequence > ? and attempts = 0`,
        )
        .run(version, version, sequence),
    )
}

/** Signs a client in on a copy of a workstation. `slowLink` is another, slow way to the same cloud. */
export async function openClient(
  profile: CloudProfile,
  { who, folder, keyHex }: MirroredWorkspace,
  slowLink: string,
): Promise<Client> {
  let clockOffset = 0
  let versionsOlder = 0
  const clock: Clock = {
    now: () => new Date(Date.now() + clockOffset).toISOString(),
    elapsedMilliseconds: systemClock.elapsedMilliseconds,
  }
  const network = faultyNetwork()
  const copy = mkdtempSync(join(tmpdir(), 'veridesk-oracle-'))
  cpSync(folder, copy, { recursive: true })
  const device = await openTestDevice(profile, who, { fetch: network.fetch, clock, folder: copy, keyHex })
  const context = (): CaseContext => ({
    database: device.database(),
    clock,
    person: device.person,
    deviceId: device.deviceId,
    settings: { theme: 'system', holdSeconds: 0, singleLetterKeys: true, density: 32 },
    log: silentLog,
    clockOffsetMilliseconds: -clockOffset,
  })
  const start = () => {
    device.restart()
    device.database().write(mendOverlays)
    device.database().write(recoverSending)
  }
  const decisions: string[] = []
  return {
    who,
    device,
    act(step, project) {
      const { build, read } = device.database()
      const open = read.all(
        build
          .selectFrom('batch')
          .select('id')
          .where('project_id', '=', project)
          .where('status', 'in', step.kind === 'claim' ? ['pending'] : ['under_review', 'approved'])
          .orderBy('id'),
      )
      const batchId = 'batch' in step ? open[step.batch % open.length]?.id : ''
      if (batchId === undefined) return
      const before = lastChange(device)
      const mark = (criterionCode: string, points: number) =>
        setScore(context(), {
          batchId,
          criterionCode,
          points,
          notApplicableReason: null,
          note: '',
          evidenceFileIds: [],
        })
      switch (step.kind) {
        case 'score':
          mark(step.criterion, step.points)
          break
        case 'find':
          raiseFinding(context(), {
            batchId,
            kind: 'observation',
            title: 'Ticket hard to read',
            description: 'Scan it again.',
            criterionCode: null,
            evidenceFileId: null,
            dueAt: null,
            misstatement: null,
          })
          break
        case 'claim':
          claimBatches(context(), { batchIds: [batchId] })
          break
        case 'decide': {
          if (step.action === 'approve') for (const code of ['E-01', 'Q-01']) mark(code, 4)
          const recorded = recordDecision(
            // Every other decision is held for a while, so that it can be undone or overtaken.
            { ...context(), settings: { ...context().settings, holdSeconds: decisions.length % 2 === 0 ? 0 : 60 } },
            {
              batchIds: [batchId],
              action: step.action,
              reasonCode: 'other',
              reason: 'As the evidence shows',
              acknowledgedGates: ['unviewed_evidence', 'no_evidence'],
            },
          )
          if (recorded.ok)
            for (const { mutationId } of recorded.value) if (mutationId !== null) decisions.push(mutationId)
          break
        }
        case 'undo': {
          const last = decisions.pop()
          if (last !== undefined) undoDecisions(context(), { mutationIds: [last] })
          break
        }
      }
      if (versionsOlder > 0) ageChanges(device, before, schemaVersion - versionsOlder)
    },
    async sync(kind, pageRows, salt) {
      const random = randomNumbers(salt)
      // Nobody waits for ever: whoever notices a connection that is dead gives up, as on waking.
      const patience = new AbortController()
      network.onHalfOpen = () => patience.abort()
      network.decide = () => makeFault(kind, random)
      network.via = kind === 'slow' ? slowLink : null
      await device.sync({ pageRows, clock }, patience.signal)
      network.via = null
      network.decide = () => null
    },
    async kill(atWrite) {
      let left = atWrite
      const real = device.database()
      await device
        .sync({
          database: {
            ...real,
            write: (work, durability) =>
              real.write((handle) => {
                const value = work(handle)
                if (left-- === 0) throw new Error('killed')
                return value
              }, durability),
          },
        })
        .catch(() => {})
      start()
    },
    writeAs: (versions) => {
      versionsOlder = versions
    },
    jumpClock: (hours) => {
      clockOffset = hours * 3_600_000
    },
    async settle() {
      clockOffset = 0
      for (let round = 0; round < 6; round += 1) {
        device
          .database()
          .write((handle) =>
            handle
              .prepare("update outbox set next_attempt_at = null, hold_until = null where state in ('held', 'queued')")
              .run(),
          )
        const synced = await device.sync({ clock })
        if (!synced.ok)
          throw new Error(`the last synchronization failed: ${synced.error.code}: ${synced.error.message}`)
        const { build, read } = device.database()
        const open = read.all(
          build.selectFrom('outbox').select('state').where('state', 'in', ['held', 'queued', 'sending']),
        )
        if (open.length === 0) return
      }
      throw new Error('changes are still on their way after six synchronizations')
    },
    dispose: () => device.dispose(),
  }
}
