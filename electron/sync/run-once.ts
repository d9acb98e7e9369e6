import type { DeviceId } from '../../shared/domain/ids.ts'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import { protocolVersion, schemaVersion } from '../../shared/wire/sync.ts'
import type { CloudHealth, HandshakeAnswer } from '../cloud/cloud-client.ts'
import type { Polled } from '../cloud/poll.ts'
import { storageFailure } from '../database/storage-error.ts'
import { settleBulkLoad } from './bulk-load.ts'
import { checkCopy, checkIsDue } from './check-copy.ts'
import { readFact, writeFact } from './facts.ts'
import { findLostChanges } from './find-lost-changes.ts'
import { nothingToSend, pollScopes } from './poll-scopes.ts'
import { pull } from './pull.ts'
import { push, type SettleContext } from './push.ts'
import type { SyncContext } from './sync-context.ts'
import { sendUploads } from './uploads.ts'

/** Which device asks, as the handshake names it. */
export interface DeviceFacts {
  readonly deviceId: DeviceId
  readonly deviceName: string
  readonly programVersion: string
  /** Public key that this workspace signs outbox files with. */
  readonly signingKey?: string
}

/** What one synchronization is given beside the context. */
export interface RunOptions {
  readonly device: DeviceFacts
  readonly settleContext: () => SettleContext
  /** Told when the cloud has let the person in, before anything is exchanged. */
  readonly onHandshake: (answer: HandshakeAnswer) => void
  readonly signal: AbortSignal
  /** 1 unless runs before this one failed. */
  readonly attempt?: number
  /** Whether this copy is compared with the cloud: at once, once a day, or not at all. */
  readonly check?: 'now' | 'if_due'
  /** Told how the cloud is, when it is to be asked. */
  readonly onHealth?: (health: CloudHealth) => void
}

/**
 * One synchronization: handshake, send what is due, fetch what changed, send files; with nothing to send, one call asks for all that
 * is new in place of the first three. Answers with a problem that did not stop it, such as a file that the cloud refused, or with the
 * failure that did.
 */
export async function runOnce(context: SyncContext, options: RunOptions): Promise<Result<AppError | null>> {
  const { journal } = context
  journal.begin(options.attempt ?? 1)
  try {
    const result = await exchange(context, options)
    const error = result.ok ? result.value : result.error
    journal.end({
      outcome: result.ok ? (error === null ? 'done' : 'problem') : error?.code === 'cancelled' ? 'cancelled' : 'failed',
      errorCode: error?.code ?? null,
    })
    return result
  } catch (error) {
    journal.end({ outcome: 'failed', errorCode: storageFailure(error)?.code ?? 'internal' })
    throw error
  }
}

async function exchange(context: SyncContext, options: RunOptions): Promise<Result<AppError | null>> {
  const { cloud, journal } = context
  const { signal } = options
  context.report({ phase: 'connecting', done: 0, total: null, label: cloud.host })
  // What is to be sent goes out before anything is fetched.
  const asked = nothingToSend(context) ? await pollScopes(context, signal) : ok(null)
  if (!asked.ok) return asked
  const polled = asked.value
  const greeted = polled === null ? await greet(context, options) : letIn(context, options, polled.greeting)
  if (!greeted.ok) return greeted
  if (options.onHealth !== undefined) {
    const health = await journal.measure({ kind: 'health' }, (traffic) => cloud.health({ signal, traffic }))
    // A cloud that cannot say how it is may still work; what follows tells.
    if (health.ok) options.onHealth(health.value)
  }

  const sent = await sendAndFetch(context, options, greeted.value, polled)
  if (!sent.ok) return sent
  if (sent.value !== 'done') {
    const anew = sent.value === 'scope_lost' ? await greet(context, options) : greeted
    if (!anew.ok) return anew
    // What changes once more in between is left to the next run.
    const again = await sendAndFetch(context, options, anew.value, null)
    if (!again.ok) return again
  }
  const uploaded = await sendUploads(context, signal)
  if (!uploaded.ok) return uploaded
  const checked = await checkNow(context, options)
  return checked.ok ? uploaded : checked
}

async function greet(context: SyncContext, options: RunOptions): Promise<Result<HandshakeAnswer>> {
  const { cloud, journal } = context
  const { device, signal } = options
  const request = {
    protocol_version: protocolVersion,
    schema_version: schemaVersion,
    device_id: device.deviceId,
    device_name: device.deviceName.slice(0, 200),
    program_version: device.programVersion,
    ...(device.signingKey === undefined ? {} : { signing_key: device.signingKey }),
  }
  const answer = await journal.measure({ kind: 'handshake' }, (traffic) =>
    cloud.handshake(request, { signal, traffic }),
  )
  return answer.ok ? letIn(context, options, answer.value) : answer
}

/** Looks at what the cloud says of itself and of the person, and notes it. */
function letIn(
  { cloud, database, person }: SyncContext,
  options: RunOptions,
  answer: HandshakeAnswer,
): Result<HandshakeAnswer> {
  if (answer.protocol_version !== protocolVersion)
    return fail(
      'cloud_incompatible',
      'This program and the cloud speak different versions of the protocol.',
      'Update the program, or ask whoever runs the cloud to update it.',
      { here: protocolVersion, there: answer.protocol_version },
    )
  // Another person's session must never meet this person's work.
  if (answer.person.id !== person.id)
    return fail('session_expired', 'The session is of another person.', 'Enter your password to go on sending.')
  const offset = cloud.clockOffsetMilliseconds()
  if (offset !== null && offset !== readFact(database.read, database, 'sync.clock_offset_ms'))
    database.write((handle) => writeFact(handle, database, 'sync.clock_offset_ms', offset), 'normal')
  const { signing_key } = answer
  if (signing_key !== undefined && signing_key !== readFact(database.read, database, 'sync.signing_key'))
    database.write((handle) => writeFact(handle, database, 'sync.signing_key', signing_key), 'normal')
  options.onHandshake(answer)
  return ok(answer)
}

/**
 * `another_cloud`: the pull found out that the cloud is not the one it was, so that it may have lost what it had applied.
 * `scope_lost`: the person mirrors less than the handshake said.
 */
async function sendAndFetch(
  context: SyncContext,
  { settleContext, signal }: RunOptions,
  answer: HandshakeAnswer,
  polled: Polled | null,
): Promise<Result<'done' | 'another_cloud' | 'scope_lost'>> {
  const isUnsure = () => readFact(context.database.read, context.database, 'sync.ledger_unsure') === true
  const asked = await findLostChanges(context, settleContext(), answer, signal)
  if (!asked.ok) return asked
  const couldNotAsk = isUnsure()
  // Something may have been recorded since the poll: then it is asked again what is new, with the echo in it.
  const known = nothingToSend(context) ? polled : null
  // What the cloud holds is fetched even when sending failed, unless the way itself is gone.
  const pushed = await push(context, settleContext(), signal)
  if (!pushed.ok && pushed.error.code !== 'cloud_incompatible' && pushed.error.code !== 'not_allowed') return pushed
  const pulled = await pull(context, answer, signal, known)
  if (!pulled.ok) return pulled
  await settleBulkLoad(context, signal)
  if (!pushed.ok) return pushed
  return ok(isUnsure() && !couldNotAsk ? 'another_cloud' : pulled.value)
}

/** A comparison that fails is no failure of the synchronization before it; only one that a person asked for says why. */
async function checkNow(context: SyncContext, { check, device, signal }: RunOptions): Promise<Result<null>> {
  if (check === undefined) return ok(null)
  if (check === 'if_due' && !checkIsDue(context.database.read, context)) return ok(null)
  const checked = await checkCopy(context, device.deviceId, signal)
  if (checked.ok) return ok(null)
  context.log.warn('sync.not_compared', { code: checked.error.code })
  return check === 'now' || checked.error.code === 'cancelled' ? checked : ok(null)
}

/** A problem with rows of the cloud that could not be read; null when all could. */
export function parkedRowsProblem(context: Pick<SyncContext, 'database'>): AppError | null {
  const parked = readFact(context.database.read, context.database, 'sync.parked_rows') ?? []
  if (parked.length === 0) return null
  return fail(
    'cloud_incompatible',
    parked.length === 1
      ? 'One row of the cloud could not be read and is missing here.'
      : `${parked.length} rows of the cloud could not be read and are missing here.`,
    'Everything else is up to date. Update the program; if it stays so, send the log to support.',
    { rows: parked.length },
  ).error
}
