import type { QueryClient } from '@tanstack/react-query'
import type { ChannelName } from '../../shared/contract/channel-names.ts'
import type { SessionState } from '../../shared/contract/views.ts'
import { bridge } from '../bridge.ts'
import { putAnswer } from './use-channel.ts'

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

/**
 * Keeps the kept answers true: puts in what events carry, and forgets what they make old. To be begun before anything is asked: an
 * event that nobody hears leaves its answer old until the next one. The function that it answers ends it.
 */
export function followProgram(client: QueryClient, on: typeof bridge.on = bridge.on): () => void {
  const old = new Set<ChannelName>()
  let timer: ReturnType<typeof setTimeout> | null = null
  let counts = ''

  const forget = (...channels: readonly ChannelName[]) => {
    for (const channel of channels) old.add(channel)
    timer ??= setTimeout(() => {
      timer = null
      const due = [...old]
      old.clear()
      for (const channel of due) void client.invalidateQueries({ queryKey: [channel] })
    }, pauseMilliseconds)
  }

  const listening = [
    on('session.changed', (session) => {
      const before = client.getQueryData<SessionState>(['session.state', {}])
      putAnswer(client, 'session.state', {}, session)
      forget('settings.get')
      if (personOf(before) === personOf(session)) return
      // Another person's answers are nobody's business: only what belongs to the workstation stays.
      client.removeQueries({ predicate: ({ queryKey }) => !workstationChannels.has(String(queryKey[0])) })
    }),
    on('sync.changed', (state) => {
      putAnswer(client, 'sync.state', {}, state)
      const now = JSON.stringify([state.counts, state.lastError, state.files])
      if (now === counts) return
      counts = now
      forget(...outboxChannels, 'storage.state')
    }),
    on('batches.changed', () =>
      forget('batch.get', 'batch.facets', 'audit.list', 'report.decisions', ...outboxChannels, 'storage.state'),
    ),
  ]
  return () => {
    for (const stop of listening) stop()
    if (timer !== null) clearTimeout(timer)
  }
}
