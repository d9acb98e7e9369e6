/** The largest file that is taken, in bytes; the workstation writes none larger. */
export const LARGEST_FILE = 32 * 1024 * 1024
const MOST_CHANGES = 10_000

/** A change as it is in the file. What it means is for the database to say. */
export interface FileChange {
  readonly mutation_id: string
  readonly kind: unknown
  readonly payload: unknown
}

/** An outbox file whose form is right. Nothing in it is proven until its signature is checked. */
export interface OutboxFile {
  /** The signed text, to the byte. */
  readonly content: string
  readonly publicKey: string
  readonly signature: Uint8Array<ArrayBuffer>
  readonly personId: string
  readonly deviceId: string
  readonly serverEpoch: string
  readonly madeAt: string
  readonly clockOffsetMs: number | null
  readonly changes: readonly FileChange[]
  /** Bytes in base64 by their SHA-256; bound to the signed text by that alone. */
  readonly attachments: ReadonlyMap<string, string>
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const SHA_256 = /^[0-9a-f]{64}$/
/** UTC with milliseconds, as the workstation writes every instant. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}

const matching = (value: unknown, pattern: RegExp): string | null =>
  typeof value === 'string' && pattern.test(value) ? value : null

/** Bytes of base64; null where it is none. */
export const bytesOfBase64 = (text: string): Uint8Array<ArrayBuffer> | null => {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const isChange = (value: unknown): value is FileChange => matching(fieldsOf(value).mutation_id, UUID) !== null

const readAttachments = (value: unknown): ReadonlyMap<string, string> | null => {
  if (!Array.isArray(value)) return null
  const found = new Map<string, string>()
  for (const entry of value) {
    const { sha256, bytes } = fieldsOf(entry)
    const name = matching(sha256, SHA_256)
    if (name === null || typeof bytes !== 'string' || found.has(name)) return null
    found.set(name, bytes)
  }
  return found
}

/** Reads the form of an outbox file (docs/cloud/outbox-files.md); null where it is none, is cut off, or is of another version. */
export const readOutboxFile = (body: Fields): OutboxFile | null => {
  if (body.format !== 'veridesk-outbox' || body.version !== 1 || typeof body.content !== 'string') return null
  const content = fieldsOf(parse(body.content))
  const [personId, deviceId, serverEpoch] = [
    matching(fieldsOf(content.person).id, UUID),
    matching(fieldsOf(content.device).id, UUID),
    matching(fieldsOf(content.cloud).server_epoch, UUID),
  ]
  const madeAt = matching(content.made_at, INSTANT)
  const offset = content.clock_offset_ms
  const signature = typeof body.signature === 'string' ? bytesOfBase64(body.signature) : null
  const attachments = readAttachments(body.attachments)
  const changes: unknown = content.changes
  if (
    content.format !== 'veridesk-outbox' ||
    content.version !== 1 ||
    personId === null ||
    deviceId === null ||
    serverEpoch === null ||
    madeAt === null ||
    Number.isNaN(Date.parse(madeAt)) ||
    !(offset === null || (Number.isSafeInteger(offset) && Math.abs(Number(offset)) < 2 ** 31)) ||
    signature?.length !== 64 ||
    attachments === null ||
    typeof body.public_key !== 'string' ||
    !Array.isArray(changes) ||
    changes.length === 0 ||
    changes.length > MOST_CHANGES ||
    content.count !== changes.length ||
    !changes.every(isChange)
  )
    return null
  return {
    content: body.content,
    publicKey: body.public_key,
    signature,
    personId,
    deviceId,
    serverEpoch,
    madeAt,
    clockOffsetMs: offset === null ? null : Number(offset),
    changes,
    attachments,
  }
}
