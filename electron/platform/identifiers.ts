import { createHash, randomUUID } from 'node:crypto'
import type { Sha256 } from '../../shared/domain/ids.ts'

/** A new random id (UUID version 4, RFC 9562) of whatever table the caller names. */
export const newId = <BrandedId extends string>(): BrandedId => randomUUID() as string as BrandedId

/** SHA-256 (FIPS 180-4) over bytes, or over the UTF-8 form of a text. */
export const sha256Hex = (data: string | Uint8Array): Sha256 =>
  createHash('sha256').update(data).digest('hex') as string as Sha256
