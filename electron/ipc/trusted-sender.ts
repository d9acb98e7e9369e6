import { placeOf } from '../shell/place.ts'

/** The facts of a call that say who makes it; Electron's event has them. */
export interface Caller {
  readonly sender: { readonly id: number }
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null
}

/** Who may call. */
export interface TrustedCaller {
  /** Id of the contents of the program's own window; null while there is none. */
  readonly contentsId: () => number | null
  /** Places its page may be at, e.g. `app://bundle`. */
  readonly origins: readonly string[]
}

/** Whether a call comes from the page of the program's own window: its contents, its main frame, its origin. */
export function isTrustedSender(caller: Caller, trusted: TrustedCaller): boolean {
  const frame = caller.senderFrame
  return (
    frame !== null &&
    frame.parent === null &&
    caller.sender.id === trusted.contentsId() &&
    trusted.origins.includes(placeOf(frame.url))
  )
}
