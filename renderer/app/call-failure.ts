import type { AppError, Result } from '../../shared/result.ts'

/** Carries an `AppError` through code that knows exceptions alone, such as the query cache. */
export class CallFailure extends Error {
  readonly error: AppError

  constructor(error: AppError) {
    super(error.message)
    this.error = error
  }
}

/** The value of a `Result`, or a `CallFailure` that carries its error. */
export function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new CallFailure(result.error)
  return result.value
}

/** The `AppError` of whatever was thrown. */
export const errorOf = (thrown: unknown): AppError =>
  thrown instanceof CallFailure
    ? thrown.error
    : {
        code: 'internal',
        message: 'Something went wrong in this window.',
        action: 'Try again. If it happens again, restart Veridesk.',
      }
