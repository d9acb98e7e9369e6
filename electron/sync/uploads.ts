import type { Sha256 } from '../../shared/domain/ids.ts'
import { type AppError, ok, type Result } from '../../shared/result.ts'
import type { Row } from '../database/tables.ts'
import { laterThan } from '../platform/clock.ts'
import { retryAfter } from './retry-policy.ts'
import type { SyncContext } from './sync-context.ts'

/** A certificate is a few hundred kilobytes; nothing larger is sent from memory. */
const largestUpload = 64 * 1024 * 1024

/**
 * Sends the files that are ready, in order. Repeating is safe; a failure of the way leaves the rest for later, a refusal is kept
 * with the file and the others go on. Answers with the last refusal, if any.
 */
export async function sendUploads(context: SyncContext, signal: AbortSignal): Promise<Result<AppError | null>> {
  const { database, clock } = context
  let refusal: AppError | null = null
  let sequence = 0
  let done = 0
  for (;;) {
    const upload = database.read.first(
      database.build
        .selectFrom('upload')
        .selectAll()
        // `sending` is one that the program did not see the end of.
        .where('state', 'in', ['ready', 'sending'])
        .where('sequence', '>', sequence)
        .where((or) => or.or([or('next_attempt_at', 'is', null), or('next_attempt_at', '<=', clock.now())]))
        .orderBy('sequence')
        .limit(1),
    )
    if (upload === undefined) return ok(refusal)
    sequence = upload.sequence
    context.report({ phase: 'files', done, total: null, label: 'Certificates' })
    const sent = await sendOne(context, upload, signal)
    done += 1
    if (sent.ok) continue
    if (isRefusal(sent.error)) refusal = sent.error
    else return sent
  }
}

const isRefusal = (error: AppError): boolean =>
  error.code !== 'cloud_unreachable' && error.code !== 'session_expired' && error.code !== 'cancelled'

async function sendOne(context: SyncContext, upload: Row<'upload'>, signal: AbortSignal): Promise<Result<void>> {
  const { database, vault, cloud, clock, journal, log } = context
  const mark = (
    values: Partial<Pick<Row<'upload'>, 'state' | 'attempts' | 'next_attempt_at' | 'last_error' | 'done_at'>>,
  ) =>
    database.write((handle) =>
      handle.run(database.build.updateTable('upload').set(values).where('sequence', '=', upload.sequence)),
    )
  mark({ state: 'sending', attempts: upload.attempts + 1 })
  const bytes = await vault.readAll(upload.sha256 as string as Sha256, largestUpload)
  const sent = bytes.ok
    ? await journal.measure(
        { kind: 'file_up' },
        (traffic) =>
          cloud.upload({
            bucket: upload.bucket,
            objectPath: upload.object_path,
            mediaType: upload.media_type,
            bytes: bytes.value,
            sha256: upload.sha256,
            signal,
            traffic,
          }),
        () => ({ rowsOut: 1 }),
      )
    : bytes
  if (sent.ok) {
    mark({ state: 'done', done_at: clock.now(), last_error: null, next_attempt_at: null })
    log.info('sync.upload_done', { bucket: upload.bucket, byteSize: upload.byte_size, how: sent.value })
    return ok(undefined)
  }
  const { code, message, action } = sent.error
  const retry = retryAfter(sent.error, upload.attempts + 1, Math.random())
  mark({
    state: isRefusal(sent.error) ? 'refused' : 'ready',
    last_error: JSON.stringify({ code, message, action: action ?? null }),
    next_attempt_at: retry.kind === 'after' ? laterThan(clock.now(), retry.milliseconds) : null,
  })
  return sent
}
