import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { ChannelName } from '../../shared/contract/channel-names.ts'
import type { SessionState } from '../../shared/contract/views.ts'
import type { SyncState } from '../../shared/domain/sync-state.ts'
import { useProgramEvent, usePutAnswer } from './use-channel.ts'

/** While a mirror is filling, changes are told many times a second; answers are asked for again at this pace at most. */
const pauseMilliseconds = 400

const workstationChannels = new Set<string>(['session.state', 'app.info', 'settings.get'] satisfies ChannelName[])

const outboxChannels = [
  'outbox.list',
  'outbox.compare',
  'outbox.kinds',
  'outbox.toDecideAgain',
  'sync.quarantine',
] as const satisfies readonly ChannelName[]

const personOf = (session: SessionState | undefined): string | null =>
  session?.kind === 'signed_in' ? session.person.id : null

/** Keeps the kept answers true: puts in what events carry, and forgets what they make old. */
export function ProgramEvents() {
  const client = useQueryClient()
  const put = usePutAnswer()
  const old = useRef(new Set<ChannelName>())
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const counts = useRef('')

  const forget = (...channels: readonly ChannelName[]) => {
    for (const channel of channels) old.current.add(channel)
    timer.current ??= setTimeout(() => {
      timer.current = null
      const due = [...old.current]
      old.current.clear()
      for (const channel of due) void client.invalidateQueries({ queryKey: [channel] })
    }, pauseMilliseconds)
  }
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    },
    [],
  )

  useProgramEvent('session.changed', (session) => {
    const before = client.getQueryData<SessionState>(['session.state', {}])
    put('session.state', {}, session)
    forget('settings.get')
    if (personOf(before) === personOf(session)) return
    // Another person's answers are nobody's business: only what belongs to the workstation stays.
    client.removeQueries({ predicate: ({ queryKey }) => !workstationChannels.has(String(queryKey[0])) })
  })
  useProgramEvent('sync.changed', (state: SyncState) => {
    put('sync.state', {}, state)
    const now = JSON.stringify([state.counts, state.lastError, state.files])
    if (now === counts.current) return
    counts.current = now
    forget(...outboxChannels, 'storage.state')
  })
  useProgramEvent('batches.changed', () =>
    forget('batch.get', 'batch.facets', 'audit.list', 'report.decisions', ...outboxChannels, 'storage.state'),
  )
  return null
}
