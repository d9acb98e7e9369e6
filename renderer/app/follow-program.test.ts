import { QueryClient } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import type { SyncState } from '../../shared/domain/sync-state.ts'
import { followProgram } from './follow-program.ts'

type Listener = (payload: unknown) => void

/** A window whose program says what a test lets it say. */
function openWindow() {
  const listeners = new Map<string, Listener>()
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } })
  const stop = followProgram(client, (event, listener) => {
    listeners.set(event, listener as Listener)
    return () => listeners.delete(event)
  })
  return { client, stop, listeners, tell: (event: string, payload: unknown) => listeners.get(event)?.(payload) }
}

const state = (done: number | null): SyncState =>
  ({
    progress: done === null ? null : { phase: 'files', done, total: 59, label: 'Evidence' },
    counts: {},
    lastError: null,
    files: { present: 0, total: 59 },
  }) as unknown as SyncState

it('what an event told is not replaced by an answer that was on its way before', async () => {
  const { client, tell, stop } = openWindow()
  let answer: (value: SyncState) => void = () => {}
  const asked = client.fetchQuery({
    queryKey: ['sync.state', {}],
    queryFn: () => new Promise<SyncState>((resolve) => (answer = resolve)),
  })
  await Promise.resolve()
  tell('sync.changed', state(null))
  answer(state(1))
  expect(await asked).toEqual(state(null))
  expect(client.getQueryData(['sync.state', {}])).toEqual(state(null))
  expect(client.getQueryState(['sync.state', {}])).toMatchObject({ status: 'success', fetchStatus: 'idle' })
  stop()
})

it('an event puts its answer in before any screen is drawn, and after the last one nothing listens', () => {
  const { client, tell, stop, listeners } = openWindow()
  tell('sync.changed', state(3))
  expect(client.getQueryData(['sync.state', {}])).toEqual(state(3))
  stop()
  expect(listeners.size).toBe(0)
})

it('another person finds no answer of the one before', () => {
  const { client, tell, stop } = openWindow()
  const session = (id: string) => ({ kind: 'signed_in', person: { id } })
  tell('session.changed', session('first'))
  client.setQueryData(['batch.get', { batchId: 'b' }], 'theirs')
  client.setQueryData(['settings.get', {}], 'of the workstation')
  tell('session.changed', session('first'))
  expect(client.getQueryData(['batch.get', { batchId: 'b' }])).toBe('theirs')
  tell('session.changed', session('second'))
  expect(client.getQueryData(['batch.get', { batchId: 'b' }])).toBeUndefined()
  expect(client.getQueryData(['settings.get', {}])).toBe('of the workstation')
  stop()
})
