import { createPublicKey, verify } from 'node:crypto'
import type { AccessGrant, AccessGrantSubject } from '../../shared/domain/access-grant.ts'
import { type GrantBody, grantBody } from '../../shared/wire/grant-body.ts'
import type { Row } from '../database/tables.ts'
import { sha256Hex } from '../platform/identifiers.ts'

/** Signatures that were checked: a grant is asked for with every batch, and its text and key never change. */
const checked = new Map<string, boolean>()
const mostChecked = 1000

function holds(key: Row<'grant_key'>, body: string, signature: string): boolean {
  const known = `${key.public_key} ${signature} ${body}`
  const before = checked.get(known)
  if (before !== undefined) return before
  const result = verifyOnce(key, body, signature)
  if (checked.size >= mostChecked) checked.clear()
  checked.set(known, result)
  return result
}

function verifyOnce(key: Row<'grant_key'>, body: string, signature: string): boolean {
  const spki = Buffer.from(key.public_key, 'base64')
  if (sha256Hex(spki).slice(0, 16) !== key.key_id) return false
  try {
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    if (publicKey.asymmetricKeyType !== 'ed25519') return false
    return verify(null, Buffer.from(body, 'utf8'), publicKey, Buffer.from(signature, 'base64'))
  } catch {
    // Bytes that are no key are no key that signed this.
    return false
  }
}

function parseBody(text: string): GrantBody | null {
  try {
    const parsed = grantBody.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

function toSubject(body: GrantBody): AccessGrantSubject {
  switch (body.kind) {
    case 'accreditation':
      return { kind: 'accreditation', ...body.subject }
    case 'independence':
      return {
        kind: 'independence',
        declaration: body.subject.declaration,
        aboutKind: body.subject.about_kind,
        aboutId: body.subject.about_id,
        statement: body.subject.statement,
      }
    case 'rotation':
      return {
        kind: 'rotation',
        recyclerId: body.subject.recycler_id,
        engagements: body.subject.engagements,
        counted: body.subject.counted,
        countedAt: body.subject.counted_at,
      }
  }
}

/**
 * A mirrored grant as the gates may believe it: what it says is read from the signed text alone, and the signature (Ed25519, RFC 8032)
 * is checked with a key of the register that was not retired when it was issued. Null for a grant that cannot be believed; a declared
 * conflict is believed unsigned, since it only closes.
 */
export function believeGrant(
  row: Row<'access_grant'>,
  keys: ReadonlyMap<string, Row<'grant_key'>>,
): AccessGrant | null {
  const body = parseBody(row.body)
  if (body === null || body.id !== row.id || body.user_id !== row.user_id || body.kind !== row.kind) return null
  const key = keys.get(row.key_id)
  const confirmed =
    key !== undefined &&
    (key.retired_at === null || body.issued_at <= key.retired_at) &&
    holds(key, row.body, row.signature)
  const subject = toSubject(body)
  const closes = subject.kind === 'independence' && subject.declaration === 'conflict'
  if (!confirmed && !closes) return null
  return {
    id: body.id,
    subject,
    validFrom: body.valid_from,
    validUntil: body.valid_until,
    revokedAt: row.revoked_at,
    confirmed,
  }
}
