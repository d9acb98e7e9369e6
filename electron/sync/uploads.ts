import type { Sha256 } from '../../shared/domain/ids.ts'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import type { Row } from '../database/tables.ts'
import { laterThan } from '../platform/clock.ts'
import { readRange } from '../platform/vault/read-range.ts'
import { retryAfter } from './retry-policy.ts'
import type { SyncContext } from './sync-context.ts'

/** No bucket takes more. */
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

const inMegabytes = (bytes: number): number => Math.round(bytes / 1_000_000)

const isRefusal = (error: AppError): boolean =>
  error.code !== 'cloud_unreachable' && error.code !== 'session_expired' && error.code !== 'cancelled'

async function sendOne(context: SyncContext, upload: Row<'upload'>, signal: AbortSignal): Promise<Result<void>> {
  const { database, vault, cloud, clock, journal, log } = context
  const mark = (
    values: Partial<
      Pick<
        Row<'upload'>,
        'state' | 'attempts' | 'next_attempt_at' | 'last_error' | 'done_at' | 'resume_path' | 'sent_bytes'
      >
    >,
  ) =>
    database.write((handle) =>
      handle.run(database.build.updateTable('upload').set(values).where('sequence', '=', upload.sequence)),
    )
  mark({ state: 'sending', attempts: upload.attempts + 1 })
  const sha256 = upload.sha256 as string as Sha256
  const { byte_size: byteSize } = upload
  let arrived = upload.sent_bytes
  const sent =
    byteSize > largestUpload
      ? fail('file_too_large', 'The file is larger than this program sends.', 'Send the log to support.', { byteSize })
      : await journal.measure(
          { kind: 'file_up' },
          (traffic) =>
            cloud.upload({
              bucket: upload.bucket,
              objectPath: upload.object_path,
              mediaType: upload.media_type,
              byteSize,
              sha256,
              // A file in one request is checked whole; of a larger one every segment is, as it is read.
              read: (start, end) =>
                start === 0 && end === byteSize
                  ? vault.readAll(sha256, largestUpload)
                  : readRange(vault, sha256, start, end),
              resumePath: upload.resume_path,
              onPlace: (resumePath) => mark({ resume_path: resumePath, sent_bytes: 0 }),
              onProgress(progress) {
                if (progress.arrived !== arrived) mark({ sent_bytes: progress.arrived })
                arrived = progress.arrived
                context.report({
                  phase: 'files',
                  done: inMegabytes(progress.handedOver),
                  total: inMegabytes(byteSize),
                  label: 'Sending a large file (MB)',
                })
              },
              signal,
              traffic,
            }),
          () => ({ rowsOut: 1 }),
        )
  if (sent.ok) {
    mark({
      state: 'done',
      done_at: clock.now(),
      last_error: null,
      next_attempt_at: null,
      resume_path: null,
      sent_bytes: byteSize,
    })
    log.info('sync.upload_done', { bucket: upload.bucket, byteSize: upload.byte_size, how: sent.value })
    return ok(undefined)
  }
  const { code, message, action } = sent.error
  // A try that moved the file on is no failed one: however bad the way is, it gets there.
  const failures = arrived > upload.sent_bytes ? 1 : upload.attempts + 1
  const retry = retryAfter(sent.error, failures, Math.random())
  mark({
    state: isRefusal(sent.error) ? 'refused' : 'ready',
    last_error: JSON.stringify({ code, message, action: action ?? null }),
    next_attempt_at: retry.kind === 'after' ? laterThan(clock.now(), retry.milliseconds) : null,
  })
  return sent
}
