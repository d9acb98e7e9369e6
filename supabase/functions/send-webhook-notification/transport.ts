import type { Resolve, Target } from './find-target.ts'

/** What a receiver answered: its status and the beginning of what it said. */
export interface Answer {
  readonly status: number
  readonly body: Uint8Array
}

/** How requests leave the platform that the function runs on. */
export interface Transport {
  readonly resolve: Resolve
  /** Sends a POST, follows nothing, reads at most `limit` bytes. Throws where there is no answer. */
  send(
    target: Target,
    request: {
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
      readonly limit: number
      readonly signal: AbortSignal
    },
  ): Promise<Answer>
}

/** Joins chunks up to a number of bytes. */
export const joinUpTo = (chunks: readonly Uint8Array[], limit: number): Uint8Array => {
  const joined = new Uint8Array(
    Math.min(
      limit,
      chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    ),
  )
  let at = 0
  for (const chunk of chunks) {
    if (at === joined.byteLength) break
    const part = chunk.subarray(0, joined.byteLength - at)
    joined.set(part, at)
    at += part.byteLength
  }
  return joined
}
