import type { AppError, Result } from '../../shared/result.ts'
import { storageFailure } from '../database/storage-error.ts'
import { outboxCounts } from '../outbox/list-outbox.ts'
import { recoverSending } from '../outbox/take-for-push.ts'
import { laterThan } from '../platform/clock.ts'
import { lastCopyCheck } from '../sync-journal/copy-checks.ts'
import { closeBrokenOffRuns } from '../sync-journal/record-run.ts'
import { createChangeAnnouncer } from './announce-changes.ts'
import { anyNetwork } from './any-network.ts'
import { collectChangedBatches } from './changed-batches.ts'
import { createCloudWatch } from './cloud-watch.ts'
import { createEvidenceFiles } from './evidence-files.ts'
import { readFact, writeFact } from './facts.ts'
import { createFileFetching } from './file-fetching.ts'
import { nextDue } from './next-due.ts'
import { createPauseGate } from './pause-gate.ts'
import { retryAfter } from './retry-policy.ts'
import { createRunJournal } from './run-journal.ts'
import { parkedRowsProblem, runOnce } from './run-once.ts'
import { watchForSleep } from './sleep-watch.ts'
import type { SyncContext } from './sync-context.ts'
import type { SyncEngine, SyncEngineOptions } from './sync-engine-options.ts'
import { createSyncStatus } from './sync-status.ts'
import { whyOffline } from './why-offline.ts'

const defaultPageRows = 2000
const defaultPeriod = 30_000
/** After a person cancelled, nothing begins by itself for so long. */
const restAfterCancel = 5 * 60_000

/** Makes the engine of one open workspace. */
export function createSyncEngine(options: SyncEngineOptions): SyncEngine {
  const { database, cloud, vault, clock, log, person } = options
  const period = options.periodMilliseconds ?? defaultPeriod
  const random = options.random ?? Math.random
  const hasNetwork = options.hasNetwork ?? anyNetwork
  const changed = collectChangedBatches()
  const switchedOff = readFact(database.read, database, 'sync.switched_off') === true
  const status = createSyncStatus({
    initial: {
      lastPulledAt: readFact(database.read, database, 'sync.last_pulled_at'),
      lastPushedAt: readFact(database.read, database, 'sync.last_pushed_at'),
      clockOffsetMilliseconds: readFact(database.read, database, 'sync.clock_offset_ms'),
      counts: outboxCounts(database.read),
      lastCheck: lastCopyCheck(database.read, database),
      ...(switchedOff ? { connection: { kind: 'switched_off', since: clock.now() } } : {}),
    },
    now: clock.now,
    tell: options.onState,
  })

  let started = false
  let runAbort: AbortController | null = null
  let running: Promise<void> | null = null
  let again = false
  /** The run under way was given up because the computer slept, or for a pause: another follows as soon as it may. */
  let givenUp = false
  let timer: NodeJS.Timeout | null = null
  let failures = 0
  let needsPerson = false
  let endWatch = () => {}
  const gate = createPauseGate()

  const isOff = () => status.read().connection.kind === 'switched_off'
  const announcer = createChangeAnnouncer({ changed, clock, tell: options.onBatchesChanged })
  const watch = createCloudWatch({
    clock,
    healthEveryMilliseconds: options.healthEveryMilliseconds,
    set: status.set,
  })
  const journals = { database: () => database, clock, log, clockOffsetMilliseconds: cloud.clockOffsetMilliseconds }
  const context: SyncContext = {
    database,
    cloud,
    vault,
    clock,
    log,
    person,
    changed,
    journal: gate.before(createRunJournal({ ...journals, kind: 'sync' })),
    fileJournal: createRunJournal({ ...journals, kind: 'files' }),
    pageRows: options.pageRows ?? defaultPageRows,
    report(progress) {
      if (progress.phase === 'files') fetching.noteProgress(progress)
      // A transfer of files goes on beside a run, whose progress says more.
      if (progress.phase === 'files' && running !== null && fetching.running() !== null) return
      status.progress(progress)
      announcer.ifDue()
    },
  }
  const files = createEvidenceFiles({
    context,
    mayFetch: () => started && !isOff() && status.read().connection.kind === 'online',
    onArrived() {
      const { present, total } = status.read().files
      status.set({ files: { present: Math.min(total, present + 1), total } })
      announcer.now()
    },
  })

  const countAll = () => status.set({ counts: outboxCounts(database.read), files: files.counts() })

  /** What is shown when a run has ended: the evidence still to come, so that nobody leaves for the field without it. */
  const showFiles = () => {
    const { present, total } = status.read().files
    status.progress(present < total ? fetching.progress() : null)
  }

  const plan = (milliseconds: number, retry: boolean) => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (!started || isOff()) return
    const due = nextDue(database, clock)
    const wait = due === null || retry ? milliseconds : Math.min(milliseconds, due)
    status.set({ retryAt: retry ? laterThan(clock.now(), wait) : null })
    timer = setTimeout(() => {
      timer = null
      run()
    }, wait)
  }

  const settleFailure = (error: AppError) => {
    failures += 1
    if (error.code === 'cancelled') {
      // Cut off before it was known whether the cloud answers: nothing is tried at the moment.
      if (status.read().connection.kind === 'connecting')
        status.connection({ kind: 'offline', reason: hasNetwork() ? 'cloud_unreachable' : 'no_network' })
      plan(restAfterCancel, true)
      return
    }
    status.failure(error)
    const reason = whyOffline(error.code, hasNetwork)
    if (reason !== null) status.connection({ kind: 'offline', reason })
    const retry = retryAfter(error, failures, random())
    if (retry.kind === 'wait_for_person') {
      needsPerson = true
      status.set({ retryAt: null })
      options.onSessionExpired()
    } else plan(retry.kind === 'after' ? retry.milliseconds : period, true)
    log.warn('sync.failed', { code: error.code, failures })
  }

  const oneRun = async (signal: AbortSignal): Promise<Result<AppError | null>> => {
    try {
      return await runOnce(context, {
        device: options.device,
        settleContext: options.settleContext,
        signal,
        attempt: failures + 1,
        ...watch.forRun(),
        onHandshake(answer) {
          status.connection({ kind: 'online' })
          status.set({ clockOffsetMilliseconds: cloud.clockOffsetMilliseconds() })
          options.onHandshake(answer)
        },
      })
    } catch (error) {
      const failure = storageFailure(error)
      if (failure !== null) return { ok: false, error: failure }
      // A defect must not end synchronization for good, and must not be silent.
      log.error('sync.defect', { reason: error instanceof Error ? (error.stack ?? error.message) : 'unknown' })
      return {
        ok: false,
        error: {
          code: 'internal',
          message: 'Synchronization met an error of the program.',
          action: 'Send the log to support.',
        },
      }
    }
  }

  const run = () => {
    if (!started || isOff()) return
    if (running !== null || gate.closed()) {
      again = true
      return
    }
    if (timer !== null) clearTimeout(timer)
    timer = null
    const abort = new AbortController()
    runAbort = abort
    status.set({ retryAt: null })
    const startedAt = clock.elapsedMilliseconds()
    announcer.begin()
    running = oneRun(abort.signal).then((result) => {
      running = null
      runAbort = null
      if (started) concluding(() => conclude(result, startedAt))
    })
  }

  /** What follows a run reads the database too: a full disk or a damaged file then ends in a planned retry, never in silence. */
  const concluding = (work: () => void) => {
    try {
      work()
    } catch (error) {
      const failure = storageFailure(error)
      if (failure === null) throw error
      settleFailure(failure)
      status.flush()
    }
  }

  const conclude = (result: Result<AppError | null>, startedAt: number) => {
    announcer.now()
    countAll()
    if (result.ok) fetching.start()
    showFiles()
    status.set({
      lastPulledAt: readFact(database.read, database, 'sync.last_pulled_at'),
      lastPushedAt: readFact(database.read, database, 'sync.last_pushed_at'),
      lastCheck: lastCopyCheck(database.read, database),
    })
    if (result.ok) {
      failures = 0
      needsPerson = false
      status.failure(result.value ?? parkedRowsProblem(context) ?? fetching.problem())
      log.info('sync.done', { milliseconds: Math.round(clock.elapsedMilliseconds() - startedAt) })
      plan(period, false)
    } else if (!isOff() && !(givenUp && result.error.code === 'cancelled')) settleFailure(result.error)
    const follows = givenUp ? !result.ok : again && result.ok
    givenUp = false
    again = false
    if (follows && !needsPerson) run()
    status.flush()
  }

  const fetching = createFileFetching({
    files,
    mayStart: () => started && !isOff() && !gate.closed(),
    onFailure: status.failure,
    onEnded() {
      if (!started) return
      concluding(() => {
        status.set({ files: files.counts() })
        if (running === null) showFiles()
        announcer.now()
        status.flush()
      })
    },
  })

  const beginAnew = () => {
    givenUp = true
    runAbort?.abort()
  }
  const woke = () => {
    if (!started || isOff() || needsPerson || gate.closed()) return
    failures = 0
    fetching.abort()
    if (running === null) run()
    else beginAnew()
  }

  const unpause = () => {
    gate.open()
    status.set({ pausedSince: null })
  }
  const pause = () => {
    if (!started || isOff()) return
    gate.close()
    status.set({ pausedSince: clock.now() })
    // A large file is one exchange that may take hours. It is let go of, and goes on later from where it was.
    fetching.abort()
    if (gate.underWay() === 'file_up') beginAnew()
  }
  const goOn = () => {
    unpause()
    fetching.startAgain()
    // What would have begun meanwhile; a run that stands still goes on by itself.
    if (running === null && again) {
      again = false
      run()
    }
  }
  const askedFor = () => {
    unpause()
    failures = 0
    needsPerson = false
    run()
    return status.read()
  }
  const endAll = () => {
    unpause()
    again = false
    givenUp = false
    if (timer !== null) clearTimeout(timer)
    timer = null
    runAbort?.abort()
    fetching.abort()
  }
  const settled = async () => {
    while (running !== null || fetching.running() !== null) await Promise.allSettled([running, fetching.running()])
  }

  return {
    start() {
      if (started) return
      started = true
      endWatch = watchForSleep({
        clock,
        onWake(milliseconds) {
          log.info('sync.woke', { milliseconds: Math.round(milliseconds) })
          woke()
        },
        lookEveryMilliseconds: options.lookForSleepMilliseconds,
      })
      database.write(recoverSending)
      database.write(closeBrokenOffRuns, 'normal')
      countAll()
      status.flush()
      run()
    },
    async stop() {
      started = false
      endWatch()
      endAll()
      await settled()
      status.close()
    },
    now: askedFor,
    checkCopy() {
      watch.askCheck()
      return askedFor()
    },
    cancel() {
      watch.forgetCheck()
      endAll()
      status.progress(null)
      if (running === null) plan(restAfterCancel, true)
      return status.read()
    },
    setPaused(paused) {
      if (paused !== gate.closed()) {
        if (paused) pause()
        else goOn()
        status.flush()
      }
      return status.read()
    },
    setOffline(offline) {
      database.write((handle) => writeFact(handle, database, 'sync.switched_off', offline))
      if (offline) {
        status.connection({ kind: 'switched_off' })
        endAll()
        status.progress(null)
        status.failure(null)
        status.set({ retryAt: null })
      } else if (isOff()) {
        status.connection({ kind: 'connecting' })
        failures = 0
        if (running === null) run()
        else again = true
      }
      status.flush()
      return status.read()
    },
    state: status.read,
    outboxChanged() {
      status.set({ counts: outboxCounts(database.read) })
      if (!started || isOff() || needsPerson || failures > 0) return
      const due = database.read.first(
        database.build
          .selectFrom('outbox')
          .select('sequence')
          .where('state', '=', 'queued')
          .where('next_attempt_at', 'is', null)
          .limit(1),
      )
      if (due !== undefined) run()
      else if (running === null) plan(period, false)
    },
    woke,
    sessionRenewed() {
      failures = 0
      needsPerson = false
      run()
    },
    ensureFile: files.ensure,
    touchFile: files.space.touch,
    storage: files.space.state,
    async setFileBudget(bytes) {
      const chosen = await files.space.setBudget(bytes)
      if (chosen.ok) {
        status.set({ files: files.counts() })
        announcer.now()
        fetching.startAgain()
      }
      return chosen
    },
    filesWanted: fetching.startAgain,
    noteAlteredFile: files.noteAltered,
    settled,
  }
}
