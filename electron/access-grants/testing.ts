import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import canonicalize from 'canonicalize'
import { standards } from '../../shared/domain/standard.ts'
import type { GrantBody } from '../../shared/wire/grant-body.ts'
import type { WriteHandle } from '../database/handles.ts'
import { insertInto } from '../database/testing.ts'
import { newId, sha256Hex } from '../platform/identifiers.ts'

/** The registry of a test: a key that the mirror knows, and what is signed with it. */
export interface TestRegistry {
  readonly keyId: string
  /** Mirrors a grant as the cloud would have signed it, and answers with its id. */
  readonly grant: (
    handle: WriteHandle,
    userId: string,
    said: SaidGrant,
    more?: Readonly<Record<string, unknown>>,
  ) => string
}

/** What a grant says by its kind; it runs through the year 2026 unless told. */
export type SaidGrant = Pick<GrantBody, 'kind' | 'subject'> & {
  readonly validFrom?: string
  readonly validUntil?: string
}

const mirrored = { version: 1, scopes: 1 }

const signature = (privateKey: KeyObject, body: string): string =>
  sign(null, Buffer.from(body, 'utf8'), privateKey).toString('base64')

/** Mirrors a key, and the rules as a new register has them. */
export function openTestRegistry(handle: WriteHandle): TestRegistry {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const keyId = sha256Hex(spki).slice(0, 16)
  insertInto(handle, 'grant_key', {
    id: newId<string>(),
    key_id: keyId,
    public_key: spki.toString('base64'),
    valid_from: '2026-01-01T00:00:00.000Z',
    retired_at: null,
    ...mirrored,
  })
  for (const standard of standards)
    for (const gate of ['accreditation', 'independence', 'rotation'])
      insertInto(handle, 'gate_rule', {
        id: newId<string>(),
        standard,
        action: 'verify',
        gate,
        required: 1,
        unconfirmed: gate === 'independence' ? 1 : 0,
        ...mirrored,
      })
  return {
    keyId,
    grant: (to, userId, { kind, subject, validFrom, validUntil }, more = {}) => {
      const id = newId<string>()
      const body =
        canonicalize({
          id,
          user_id: userId,
          kind,
          subject,
          valid_from: validFrom ?? '2026-01-01T00:00:00.000Z',
          valid_until: validUntil ?? '2027-01-01T00:00:00.000Z',
          issued_by: null,
          issued_at: '2026-01-01T00:00:00.000Z',
        }) ?? ''
      insertInto(to, 'access_grant', {
        id,
        user_id: userId,
        kind,
        body,
        key_id: keyId,
        signature: signature(privateKey, body),
        revoked_at: null,
        revocation_reason: null,
        ...mirrored,
        ...more,
      })
      return id
    },
  }
}
