import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { ClientBase } from 'pg'

/** The key that signs a register's grants. */
export interface GrantKey {
  /** First 16 hexadecimal digits of the SHA-256 of the public key's SubjectPublicKeyInfo. */
  readonly keyId: string
  /** PKCS #8, base64: what the function that signs is given as GRANT_SIGNING_KEY. */
  readonly privateKey: string
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string
}

const FILE = 'grant-signing-key'

/** The id of a public key, given as SubjectPublicKeyInfo. */
export const grantKeyId = (spki: Uint8Array): string => createHash('sha256').update(spki).digest('hex').slice(0, 16)

const readKey = (key: KeyObject): GrantKey => {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return {
    keyId: grantKeyId(spki),
    privateKey: key.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    publicKey: spki.toString('base64'),
  }
}

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** The key of a data directory, made on first use; its file is readable by its owner only. */
export const loadGrantKey = (dataDirectory: string): GrantKey => {
  const file = path.join(dataDirectory, FILE)
  const text = readText(file)
  if (text !== undefined)
    return readKey(createPrivateKey({ key: Buffer.from(text.trim(), 'base64'), format: 'der', type: 'pkcs8' }))
  const made = readKey(generateKeyPairSync('ed25519').privateKey)
  const unfinished = `${file}.${process.pid}`
  const handle = openSync(unfinished, 'w', 0o600)
  try {
    writeSync(handle, `${made.privateKey}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(unfinished, file)
  return made
}

/** Lets a register accept the key's signatures; a register without grants is left alone. */
export const registerGrantKey = async (client: ClientBase, key: GrantKey): Promise<void> => {
  const { rows } = await client.query<{ known: boolean }>(
    `select to_regclass('public.grant_keys') is not null as known`,
  )
  if (rows[0]?.known !== true) return
  await client.query(
    'insert into public.grant_keys (key_id, public_key) values ($1, $2) on conflict (key_id) do nothing',
    [key.keyId, key.publicKey],
  )
}

/** Signs the text of a grant (Ed25519, RFC 8032), base64. */
export const signGrant = (key: GrantKey, body: string): string =>
  sign(
    null,
    Buffer.from(body, 'utf8'),
    createPrivateKey({ key: Buffer.from(key.privateKey, 'base64'), format: 'der', type: 'pkcs8' }),
  ).toString('base64')
