import { hash, randomUUID } from 'node:crypto'
import type { Instant, Sha256 } from '../../shared/domain/ids.ts'

/** A new random id (UUID version 4, RFC 9562) of whatever table the caller names. */
export const newId = <BrandedId extends string>(): BrandedId => randomUUID() as string as BrandedId

/** The instant that an id began with last, and how: many are made at one. */
let lastBeginning = { now: '', text: '' }

/**
 * A new random id that begins with an instant of this computer (UUID version 7, RFC 9562), for rows that are only ever added: their
 * indexes grow at one place, where random ids would write a page of its own for nearly every row. Nothing is ordered by it.
 */
export function newIdAt<BrandedId extends string>(now: Instant): BrandedId {
  if (lastBeginning.now !== now) lastBeginning = { now, text: beginningAt(now) }
  return `${lastBeginning.text}${randomUUID().slice(15)}` as BrandedId
}

function beginningAt(now: Instant): string {
  const milliseconds = Math.max(0, Date.parse(now)).toString(16).padStart(12, '0').slice(-12)
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7`
}

/** SHA-256 (FIPS 180-4) over bytes, or over the UTF-8 form of a text. */
export const sha256Hex = (data: string | Uint8Array): Sha256 => hash('sha256', data) as string as Sha256
