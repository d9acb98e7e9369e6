import type { Sha256 } from '../../shared/domain/ids.ts'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import type { Traffic } from '../cloud/exchange.ts'
import { createFileSpace, type FileNeed, type FileSpace } from './file-space.ts'
import { missingFiles, type NamedFile, toNamedFile, type WantedFile } from './missing-files.ts'
import type { SyncContext } from './sync-context.ts'

/** How many files of evidence are here, and how many there are. */
export interface FileCounts {
  readonly present: number
  readonly total: number
}

/** Brings files of evidence here: those of assigned batches by themselves, any other when it is asked for. */
export interface EvidenceFiles {
  /** Brings one file here unless it is. `offline` when it is not here and may not be fetched now. */
  readonly ensure: (sha256: Sha256) => Promise<Result<{ readonly byteSize: number }>>
  /**
   * Fetches what is missing of pinned and of assigned batches, what is due first at first, as far as the space for files goes; what
   * does not fit is told by `space.state`. `disk_full` before the disk is.
   */
  readonly prefetch: (signal: AbortSignal) => Promise<Result<void>>
  readonly counts: () => FileCounts
  /** A stored file turned out not to be what was stored: it is fetched again. */
  readonly noteAltered: (sha256: Sha256) => void
  /** How much space the files take, and may take. */
  readonly space: Pick<FileSpace, 'touch' | 'state' | 'setBudget'>
}

const concurrency = 2
/** How often a growing file is noted in the database, in bytes. */
const noteEvery = 4 * 1024 * 1024

/** What fetching is given beside the context: whether the network may be used, and whom to tell of a file that arrived. */
export interface EvidenceFilesOptions {
  readonly context: SyncContext
  readonly mayFetch: () => boolean
  readonly onArrived: () => void
}

/** Makes the mover of files. Two wishes for one file are one transfer. */
export function createEvidenceFiles(options: EvidenceFilesOptions): EvidenceFiles {
  const { context, mayFetch, onArrived } = options
  const { database, vault, clock, fileJournal, log } = context
  let prefetching = false
  const underWay = new Map<Sha256, Promise<Result<void>>>()

  const note = (
    file: Pick<NamedFile, 'sha256' | 'byteSize'>,
    state: string,
    received: number,
    problem: string | null,
  ) =>
    database.write((handle) => {
      const values = {
        state,
        received_bytes: received,
        problem,
        byte_size: file.byteSize,
        ...(state === 'present' ? { last_used_at: clock.now() } : {}),
      }
      handle.run(
        database.build
          .insertInto('stored_file')
          .values({ sha256: file.sha256, last_used_at: null, ...values })
          .onConflict((conflict) => conflict.column('sha256').doUpdateSet(values)),
      )
    })

  const announce = (sha256: Sha256) => {
    for (const { batch_id } of database.read.all(
      database.build.selectFrom('evidence_file').select('batch_id').where('sha256', '=', sha256),
    ))
      context.changed.add(batch_id)
    onArrived()
  }

  const space = createFileSpace(context, announce)

  const fetchFile = async (
    file: NamedFile,
    signal: AbortSignal | undefined,
    traffic: Traffic,
  ): Promise<Result<void>> => {
    const started = clock.elapsedMilliseconds()
    const opened = await vault.receive(file.sha256, file.byteSize)
    if (!opened.ok) return opened
    const receiver = opened.value
    const giveUp = async (error: AppError): Promise<Result<void>> => {
      await receiver.suspend()
      note(file, 'partial', receiver.receivedBytes(), error.message)
      return { ok: false, error }
    }
    const refuse = async (error: AppError): Promise<Result<void>> => {
      await receiver.discard()
      note(file, 'altered', 0, error.message)
      log.warn('sync.file_altered', { sha256: file.sha256, byteSize: file.byteSize })
      announce(file.sha256)
      return { ok: false, error }
    }
    const from = receiver.receivedBytes()
    const download = await context.cloud.download({
      bucket: file.bucket,
      objectPath: file.objectPath,
      from,
      signal,
      traffic,
    })
    if (!download.ok) {
      if (download.error.code === 'file_altered') return refuse(download.error)
      return giveUp(download.error)
    }
    // A cloud that does not resume sends everything again: what is here already is passed over.
    let skip = from - download.value.from
    let noted = from
    for await (const chunk of download.value.chunks) {
      const fresh = skip > 0 ? chunk.subarray(Math.min(skip, chunk.length)) : chunk
      skip -= chunk.length - fresh.length
      if (fresh.length === 0) continue
      const written = await receiver.write(fresh)
      if (!written.ok)
        return written.error.code === 'file_too_large' ? refuse(arrivedAltered().error) : giveUp(written.error)
      if (receiver.receivedBytes() - noted >= noteEvery) {
        noted = receiver.receivedBytes()
        note(file, 'partial', noted, null)
      }
    }
    const failure = download.value.failure()
    if (failure !== null) return giveUp(failure)
    const finished = await receiver.finish()
    if (!finished.ok) {
      if (finished.error.code === 'file_altered') return refuse(finished.error)
      return giveUp(finished.error)
    }
    note(file, 'present', file.byteSize, null)
    log.info('sync.file_present', {
      byteSize: file.byteSize,
      resumedFrom: from,
      milliseconds: Math.round(clock.elapsedMilliseconds() - started),
    })
    announce(file.sha256)
    return ok(undefined)
  }

  const once = (file: NamedFile, need: FileNeed, signal: AbortSignal | undefined): Promise<Result<void>> => {
    const running = underWay.get(file.sha256)
    if (running !== undefined) return running
    const bringHeld = async () => {
      const held = await space.hold(file, need)
      if (!held.ok) return held
      // What there is no room for was never asked of the cloud: no line in the journal.
      return fileJournal.measure(
        { kind: 'file_down' },
        (traffic) => fetchFile(file, signal, traffic),
        () => ({ rowsIn: 1 }),
      )
    }
    const transfer = bringHeld().finally(() => {
      space.release(file.sha256)
      underWay.delete(file.sha256)
      if (underWay.size === 0 && !prefetching) fileJournal.end()
    })
    underWay.set(file.sha256, transfer)
    return transfer
  }

  const find = (sha256: Sha256): NamedFile | undefined => {
    const columns = ['sha256', 'bucket', 'object_path', 'byte_size'] as const
    const row =
      database.read.first(
        database.build.selectFrom('evidence_file').select(columns).where('sha256', '=', sha256).limit(1),
      ) ??
      database.read.first(
        database.build.selectFrom('certificate').select(columns).where('sha256', '=', sha256).limit(1),
      )
    return row === undefined ? undefined : toNamedFile(row)
  }

  const stateOf = (sha256: Sha256) =>
    database.read.first(database.build.selectFrom('stored_file').select('state').where('sha256', '=', sha256))?.state

  /** Whether the file is on the disk, and what is noted of it: both at one moment, though it may just be leaving. */
  const look = async (file: NamedFile) => {
    for (;;) {
      await space.leaving(file.sha256)
      const state = stateOf(file.sha256)
      const here = await vault.has(file.sha256, file.byteSize)
      if (space.leaving(file.sha256) === undefined && stateOf(file.sha256) === state) return { here, state }
    }
  }

  const ensure: EvidenceFiles['ensure'] = async (sha256) => {
    const file = find(sha256)
    if (file === undefined) return fail('not_found', 'No file of this name is in your copy of the register.')
    const noted = await look(file)
    if (noted.here && noted.state !== 'altered') {
      if (noted.state !== 'present') note(file, 'present', file.byteSize, null)
      space.touch(sha256)
      return ok({ byteSize: file.byteSize })
    }
    if (!mayFetch())
      return fail(
        'offline',
        'This file is not on this computer yet, and the cloud cannot be asked now.',
        'It is fetched as soon as the cloud can be reached.',
      )
    if (noted.state === 'altered') await vault.remove(sha256)
    const fetched = await once(file, { kind: 'asked' }, undefined)
    if (!fetched.ok) return fetched
    space.touch(sha256)
    return ok({ byteSize: file.byteSize })
  }

  const bring = async (file: WantedFile, signal: AbortSignal): Promise<Result<void>> => {
    return (await look(file)).here
      ? ok(note(file, 'present', file.byteSize, null))
      : once(file, { kind: 'due', rank: file.rank }, signal)
  }

  let swept: Promise<void> | null = null
  const prefetch: EvidenceFiles['prefetch'] = async (signal) => {
    swept ??= space.sweep()
    await swept
    const queue = [...missingFiles(database, context.person)]
    const total = queue.length
    let done = 0
    let stopped: AppError | null = null
    const passed = { files: 0, bytes: 0 }
    /** What did not fit at its turn; nothing as large fits later, when only what is needed less could still leave. */
    let tooLarge = Number.POSITIVE_INFINITY
    const passOver = (file: WantedFile) => {
      tooLarge = Math.min(tooLarge, file.byteSize)
      passed.files += 1
      passed.bytes += file.byteSize
    }
    const work = async () => {
      for (let file = queue.shift(); file !== undefined && stopped === null; file = queue.shift()) {
        if (signal.aborted || !mayFetch()) return
        context.report({ phase: 'files', done, total, label: 'Evidence' })
        done += 1
        if (file.byteSize >= tooLarge) {
          passOver(file)
          continue
        }
        const fetched = await bring(file, signal)
        if (fetched.ok) continue
        if (fetched.error.detail?.lackingBytes !== undefined && fetched.error.code === 'blocked') passOver(file)
        // A file that the cloud does not have, or has altered, is one file; a lost connection or a full disk is all of them.
        else if (!isAboutTheFile(fetched.error)) stopped = fetched.error
      }
    }
    prefetching = true
    try {
      await Promise.all(Array.from({ length: concurrency }, work))
    } finally {
      prefetching = false
      if (underWay.size === 0) fileJournal.end()
    }
    if (stopped === null && !signal.aborted && mayFetch()) space.notePassedOver(passed)
    return stopped === null ? ok(undefined) : { ok: false, error: stopped }
  }

  const counts = (): FileCounts => {
    const row = database.read.first(
      database.build
        .selectFrom('evidence_file as file')
        .leftJoin('stored_file as stored', 'stored.sha256', 'file.sha256')
        .select((select) => [
          select.fn.count('file.sha256').distinct().as('total'),
          select.fn
            .count(select.case().when('stored.state', '=', 'present').then(select.ref('file.sha256')).end())
            .distinct()
            .as('present'),
        ])
        .where('file.deleted_at', 'is', null),
    )
    return { present: Number(row?.present ?? 0), total: Number(row?.total ?? 0) }
  }

  const noteAltered = (sha256: Sha256) => {
    const file = find(sha256)
    if (file === undefined) return
    note(file, 'altered', 0, arrivedAltered().error.message)
    log.warn('sync.stored_file_altered', { sha256 })
    announce(sha256)
  }

  return { ensure, prefetch, counts, noteAltered, space }
}

const arrivedAltered = () =>
  fail('file_altered', 'The file is not the one that the register names.', 'Ask the recycler to send it again.')

const isAboutTheFile = (error: AppError): boolean =>
  ['file_altered', 'file_missing', 'file_too_large', 'not_found', 'not_allowed', 'cloud_refused', 'blocked'].includes(
    error.code,
  )
