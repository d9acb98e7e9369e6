import { Pause, Play } from 'lucide-react'
import type { SyncState } from '../../../shared/domain/sync-state.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { useToast } from '../toasts.tsx'
import { useCall } from '../use-call.ts'

/** True while something is exchanged with the cloud, or is held by a pause. */
export const isUnderWay = ({ progress, pausedSince }: SyncState): boolean => progress !== null || pausedSince !== null

/** The exchange with the cloud that is under way: how far it is, and the buttons that hold it, let it go on and end it. */
export function RunProgress({ sync }: { readonly sync: SyncState }) {
  const pause = useCall('sync.setPaused')
  const cancel = useCall('sync.cancel')
  const say = useToast()
  const { progress, pausedSince } = sync
  if (!isUnderWay(sync)) return null
  const paused = pausedSince !== null
  const told = async (call: ReturnType<typeof cancel.run>) => {
    const result = await call
    if (!result.ok) say({ text: result.error.message })
  }
  const what = progress?.label ?? 'Synchronization'
  return (
    <ProgressBar
      label={paused ? `Paused: ${what}` : what}
      done={progress?.done ?? 0}
      total={progress?.total ?? null}
      still={paused}
      onCancel={() => void told(cancel.run({}))}
    >
      <IconButton
        label={paused ? 'Go on' : `Pause: ${what}`}
        size="small"
        icon={paused ? <Play size={14} /> : <Pause size={14} />}
        disabled={pause.busy}
        onClick={() => void told(pause.run({ paused: !paused }))}
      />
    </ProgressBar>
  )
}
