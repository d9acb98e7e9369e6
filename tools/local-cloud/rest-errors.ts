import { inspect } from 'node:util'
import type { Caller } from './caller.ts'

/** HTTP statuses of SQLSTATEs and their classes, from PostgREST's documentation, "Errors from PostgreSQL". */
const STATUS: Readonly<Record<string, number>> = {
  '08': 503,
  '09': 500,
  '0L': 403,
  '0P': 403,
  '23503': 409,
  '23505': 409,
  '25': 500,
  '25006': 405,
  '28': 403,
  '2D': 500,
  '38': 500,
  '39': 500,
  '3B': 500,
  // PostgREST says 500 for all of class 40. A serialization failure or a deadlock is over when it is tried again, and a
  // client retries a 503 by itself.
  '40': 500,
  '40001': 503,
  '40P01': 503,
  '42883': 404,
  '42P01': 404,
  '42P17': 500,
  '53': 503,
  '53400': 500,
  '54': 500,
  '55': 500,
  '57': 500,
  '57P01': 503,
  '58': 500,
  F0: 500,
  HV: 500,
  P0: 500,
  P0001: 400,
  XX: 500,
}

/** Classes that the REST layer already answers as PostgREST does. */
const ANSWERED = /^(PT|PGRST|21|22|42|2350[235])/

interface DatabaseFailure {
  readonly code: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

const isFailure = (error: unknown): error is DatabaseFailure =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

interface Refusal {
  readonly code: string
  readonly message: string
  readonly details: string | null
  readonly hint: string | null
}

const SQL_STATE = /^[\dA-Z]{5}$/

const unreachable = (failure: { readonly message: string }): Refusal => ({
  code: 'PGRST000',
  message: 'The database cannot be reached.',
  details: failure.message,
  hint: null,
})

const statusOf = (code: string): number => STATUS[code] ?? STATUS[code.slice(0, 2)] ?? 400

const toRefusal = (failure: DatabaseFailure): Refusal => ({
  code: failure.code,
  message: failure.message,
  details: failure.detail ?? null,
  hint: failure.hint ?? null,
})

/** The form in which the REST layer lets an error choose its own status and body (`RAISE SQLSTATE 'PGRST'`). */
class ChosenAnswer extends Error {
  readonly code = 'PGRST'
  readonly detail: string

  constructor(status: number, body: Refusal) {
    super(JSON.stringify(body))
    this.detail = JSON.stringify({ status, headers: {} })
  }

  // The REST layer prints every error it answers; one line is enough.
  [inspect.custom](): string {
    return `REST: ${this.message}`
  }
}

/** The same for an error that the REST layer answers by itself. */
class PlainFailure extends Error {
  readonly code: string
  readonly detail: string | undefined
  readonly hint: string | undefined

  constructor(failure: DatabaseFailure) {
    super(failure.message)
    this.code = failure.code
    this.detail = failure.detail
    this.hint = failure.hint
  }

  [inspect.custom](): string {
    return `REST: ${this.code} ${this.message}`
  }
}

/**
 * Turns a database error into one that the REST layer answers as PostgREST would: status by SQLSTATE, and code, message,
 * detail and hint kept. By itself the layer knows a few classes and answers 500 without a code for the rest.
 */
export const normalizeDatabaseError = (error: unknown): unknown => {
  if (!isFailure(error)) return error
  if (ANSWERED.test(error.code)) return new PlainFailure(error)
  if (!SQL_STATE.test(error.code)) return new ChosenAnswer(503, unreachable(error))
  return new ChosenAnswer(statusOf(error.code), toRefusal(error))
}

/**
 * Answers a failed statement as PostgREST does: `RAISE SQLSTATE 'PTnnn'` chooses the status, `'PGRST'` status, headers and body, and any
 * other SQLSTATE has a status of its own. Throws what is no failure of the database.
 */
export const answerFailure = (error: unknown, role: Caller['role']): Response => {
  if (!isFailure(error)) throw error
  if (error.code === 'PGRST') {
    const chosen: { status: number; headers: Record<string, string> } = JSON.parse(error.detail ?? '{}')
    return new Response(error.message, {
      status: chosen.status,
      headers: { ...chosen.headers, 'content-type': 'application/json; charset=utf-8' },
    })
  }
  const chosen = /^PT(\d{3})$/.exec(error.code)?.[1]
  if (chosen !== undefined) return Response.json(toRefusal(error), { status: Number(chosen) })
  if (!SQL_STATE.test(error.code)) return Response.json(unreachable(error), { status: 503 })
  // Who is not signed in might be allowed to after signing in.
  const status = error.code === '42501' ? (role === 'anon' ? 401 : 403) : statusOf(error.code)
  return Response.json(toRefusal(error), { status })
}
