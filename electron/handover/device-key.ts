import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { WorkspaceDatabase } from '../database/database.ts'

/** The key that this workspace signs outbox files with. The private half never leaves the encrypted database. */
export interface DeviceKey {
  /** SubjectPublicKeyInfo in base64, as the cloud registers it. */
  readonly publicKey: string
  /** Ed25519 (RFC 8032) over the UTF-8 bytes, base64. */
  readonly sign: (text: string) => string
}

/** PKCS #8 in base64, beside the session's tokens. */
const keyFact = 'device.signing_key'

/** The key of a workspace, made when it is first asked for: before the first handshake, which registers it. */
export function deviceKeyOf(database: WorkspaceDatabase): DeviceKey {
  const privateKey = readKey(database) ?? makeKey(database)
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64')
  return { publicKey, sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64') }
}

function readKey(database: WorkspaceDatabase): KeyObject | null {
  const row = database.read.first(
    database.build.selectFrom('workspace_fact').select('value').where('key', '=', keyFact),
  )
  if (row === undefined) return null
  const pkcs8 = Buffer.from(JSON.parse(row.value) as string, 'base64')
  return createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' })
}

function makeKey(database: WorkspaceDatabase): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
  database.write((handle) =>
    handle.run(database.build.insertInto('workspace_fact').values({ key: keyFact, value: JSON.stringify(pkcs8) })),
  )
  return privateKey
}
