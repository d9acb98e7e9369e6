import type { GateCode } from './gate.ts'
import type { ClosedGrantGate } from './grant-gates.ts'
import type { Instant } from './ids.ts'
import type { Standard } from './standard.ts'

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

/** An instant as a day in words, `3 May 2026`: UTC, Gregorian, Latin digits, the same on every computer. */
export function dayInWords(at: Instant): string {
  const day = new Date(at)
  return `${day.getUTCDate()} ${months[day.getUTCMonth()] ?? ''} ${day.getUTCFullYear()}`
}

/** What is said of a closed gate. */
export interface GrantWords {
  readonly code: GateCode
  readonly message: string
  readonly action: string
}

const on = (prefix: string, at: Instant | null | undefined): string =>
  at === null || at === undefined ? '' : ` ${prefix} ${dayInWords(at)}`

function accreditationWords({ state, grant }: ClosedGrantGate, standard: Standard): Omit<GrantWords, 'code'> {
  const subject = `Your accreditation for ${standard}`
  switch (state) {
    case 'ended':
      return {
        message: `${subject} ended${on('on', grant?.validUntil)}.`,
        action: 'Ask an administrator to renew it, then sync.',
      }
    case 'not_begun':
      return {
        message: `${subject} begins${on('on', grant?.validFrom)}.`,
        action: 'Wait until then, or leave the batch to an auditor who is accredited now.',
      }
    case 'revoked':
      return {
        message: `${subject} was revoked${on('on', grant?.revokedAt)}.`,
        action: 'Ask an administrator why; leave the batch to an auditor who is accredited.',
      }
    default:
      return {
        message: `You hold no accreditation for ${standard}.`,
        action: 'Ask an administrator to record it, then sync.',
      }
  }
}

function independenceWords({ state, grant }: ClosedGrantGate): Omit<GrantWords, 'code'> {
  const action = 'Declare it in this batch (key I); that works offline too.'
  switch (state) {
    case 'ended':
      return {
        message: `Your declaration of independence from this recycler ended${on('on', grant?.validUntil)}.`,
        action,
      }
    case 'revoked':
      return { message: `Your declaration of independence was revoked${on('on', grant?.revokedAt)}.`, action }
    case 'not_begun':
      return { message: `Your declaration of independence begins${on('on', grant?.validFrom)}.`, action }
    default:
      return { message: 'You have not declared your independence from this recycler.', action }
  }
}

function rotationWords({ state, grant }: ClosedGrantGate): Omit<GrantWords, 'code'> {
  const allowed = grant?.subject.kind === 'rotation' ? grant.subject.engagements : null
  return {
    message:
      state === 'exhausted'
        ? `You have done all ${allowed === null ? 'the' : allowed} verifications that rotation allows you for this recycler.`
        : `Rotation let you verify for this recycler until ${grant === null ? 'its end' : dayInWords(grant.validUntil)}.`,
    action: 'Leave the batch to another auditor, or ask an administrator for a new limit.',
  }
}

/** A closed gate of grants in plain words, with what to do about it. */
export function grantWords(closed: ClosedGrantGate, standard: Standard): GrantWords {
  switch (closed.gate) {
    case 'conflict_of_interest':
      return {
        code: 'conflict_of_interest',
        message: `You declared a conflict of interest${on('on', closed.grant?.validFrom)} that concerns this batch.`,
        action: 'Leave the batch to another verifier; only an administrator lifts a declared conflict.',
      }
    case 'accreditation':
      return { code: 'accreditation', ...accreditationWords(closed, standard) }
    case 'independence':
      return { code: 'independence', ...independenceWords(closed) }
    case 'rotation':
      return { code: 'rotation', ...rotationWords(closed) }
  }
}
