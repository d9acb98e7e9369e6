import { z } from 'zod'
import { outboxFileLimits } from '../domain/outbox-file.ts'
import { mutationDto, pushResult } from './sync.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** An Ed25519 key as a SubjectPublicKeyInfo (RFC 8410) in base64. */
export const devicePublicKey = z.string().regex(/^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/)

/** What is signed: whose changes these are, of which device, for which cloud, and the frozen bodies in their order. */
export const outboxContent = z.strictObject({
  format: z.literal('veridesk-outbox'),
  version: z.literal(1),
  person: z.strictObject({ id: z.guid(), name: z.string().max(500), email: z.string().max(500) }),
  organization: z.strictObject({ id: z.guid().nullable(), name: z.string().max(500).nullable() }),
  device: z.strictObject({ id: z.guid(), name: z.string().max(200) }),
  cloud: z.strictObject({ name: z.string().max(200), url: z.string().max(2000), server_epoch: z.guid() }),
  program_version: z.string().max(50),
  schema_version: z.int(),
  /** By the device's clock; with the offset, what the cloud's clock was ahead of it when last measured. */
  made_at: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  clock_offset_ms: z.int().nullable(),
  count: z.int().min(1).max(outboxFileLimits.changes),
  changes: z.array(mutationDto).min(1).max(outboxFileLimits.changes),
})
export type OutboxContent = z.infer<typeof outboxContent>

/** The file: canonical JSON (RFC 8785) around a text that is canonical JSON itself, so that what is signed is one run of bytes. */
export const outboxFile = z.strictObject({
  format: z.literal('veridesk-outbox'),
  version: z.literal(1),
  /** Canonical JSON of `outboxContent`. */
  content: z.string(),
  public_key: devicePublicKey,
  /** Ed25519 (RFC 8032) over the UTF-8 bytes of `content`, base64. */
  signature: z.string().length(88),
  /** Files that the changes name by their SHA-256, in base64: signed certificates. */
  attachments: z.array(z.strictObject({ sha256, bytes: z.string() })),
})

/** What the cloud's function `submit-outbox` answers to one request. */
export const submitAnswer = z.object({
  fingerprint: sha256,
  results: z.array(pushResult.omit({ rows: true })),
  certificates: z.array(
    z.object({ mutation_id: z.guid(), status: z.enum(['stored', 'missing', 'altered', 'failed']) }),
  ),
  /** Where the next request goes on; null after the last. */
  next: z.int().nullable(),
})
export type SubmitAnswer = z.infer<typeof submitAnswer>
