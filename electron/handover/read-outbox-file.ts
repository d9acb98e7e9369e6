import { createPublicKey, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { z } from 'zod'
import type { DecisionAction } from '../../shared/domain/decision.ts'
import { decisionActions } from '../../shared/domain/decision.ts'
import { outboxFileLimits } from '../../shared/domain/outbox-file.ts'
import { outboxContent, outboxFile } from '../../shared/wire/outbox-file.ts'
import type { MutationDto } from '../../shared/wire/sync.ts'
import type { ReadOutbox } from '../platform/hostile/messages.ts'
import { sha256Hex } from '../platform/identifiers.ts'

/** Canonical text of one shape. Two texts that read alike but are signed apart, as with a name twice, are not canonical. */
function parseCanonical<Value>(text: string, schema: z.ZodType<Value>): Value {
  const parsed: unknown = JSON.parse(text)
  if (canonicalize(parsed) !== text) throw new Error('not canonical')
  const checked = schema.safeParse(parsed)
  if (checked.success) return checked.data
  throw new Error(`field ${checked.error.issues[0]?.path.join('.') ?? ''}`)
}

const actionOf = ({ kind, payload }: MutationDto): DecisionAction | null =>
  kind === 'decision.record' ? (decisionActions.find((action) => action === payload.action) ?? null) : null

function isSigned(file: z.infer<typeof outboxFile>): boolean {
  const key = createPublicKey({ key: Buffer.from(file.public_key, 'base64'), type: 'spki', format: 'der' })
  return verify(null, Buffer.from(file.content, 'utf8'), key, Buffer.from(file.signature, 'base64'))
}

/**
 * Reads an outbox file (docs/cloud/outbox-files.md). Runs in the child process for files that nobody vouches for; throws on what is
 * no whole outbox file of this version.
 */
export function readOutboxFile(bytes: Uint8Array): ReadOutbox {
  if (bytes.byteLength > outboxFileLimits.bytes) throw new Error('too large')
  const file = parseCanonical(new TextDecoder('utf-8', { fatal: true }).decode(bytes), outboxFile)
  const content = parseCanonical(file.content, outboxContent)
  if (content.count !== content.changes.length) throw new Error('count')
  if (new Set(content.changes.map(({ mutation_id }) => mutation_id)).size !== content.count) throw new Error('twice')
  const { person, device, cloud } = content
  return {
    kind: 'outbox',
    sound:
      isSigned(file) &&
      file.attachments.every((entry) => sha256Hex(Buffer.from(entry.bytes, 'base64')) === entry.sha256),
    fingerprint: sha256Hex(file.content),
    personId: person.id,
    personName: person.name,
    personEmail: person.email,
    deviceName: device.name,
    cloudName: cloud.name,
    cloudUrl: cloud.url,
    serverEpoch: cloud.server_epoch,
    madeAt: content.made_at,
    attachments: file.attachments.length,
    changes: content.changes.map((change) => ({
      mutationId: change.mutation_id,
      kind: change.kind,
      action: actionOf(change),
      batchId: change.batch_id,
      occurredAt: change.occurred_at,
    })),
  }
}
