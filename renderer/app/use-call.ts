import { useCallback, useState } from 'react'
import type { ChannelName } from '../../shared/contract/channel-names.ts'
import type { ResponseOf } from '../../shared/contract/channels.ts'
import type { AppError, Result } from '../../shared/result.ts'
import { bridge, type Request } from '../bridge.ts'

/** A call that a person starts, with its state for the button and the place where its failure is shown. */
export interface Call<Channel extends ChannelName> {
  readonly run: (request: Request<Channel>) => Promise<Result<ResponseOf<Channel>>>
  readonly busy: boolean
  readonly error: AppError | null
  readonly forgetError: () => void
}

/** Prepares a call that a person starts; a new call forgets the failure of the last one. */
export function useCall<Channel extends ChannelName>(channel: Channel): Call<Channel> {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  const run = useCallback(
    async (request: Request<Channel>) => {
      setBusy(true)
      setError(null)
      const result = await bridge.invoke(channel, request)
      setBusy(false)
      if (!result.ok) setError(result.error)
      return result
    },
    [channel],
  )
  return { run, busy, error, forgetError: useCallback(() => setError(null), []) }
}
