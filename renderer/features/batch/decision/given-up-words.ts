import type { OutboxItem } from '../../../../shared/domain/sync-state.ts'

const decided: Readonly<Record<string, readonly [done: string, key: string]>> = {
  approve: ['approved', 'A'],
  reject: ['rejected', 'R'],
  request_changes: ['requested changes', 'Q'],
}

/** What somebody who makes a given-up change anew has to know of it. */
export function givenUpWords({ kind, mine, summary }: Pick<OutboxItem, 'kind' | 'mine' | 'summary'>): {
  readonly title: string
  readonly text: string
} {
  if (kind === 'decision.record') {
    const [done, key] = decided[String(mine.action)] ?? ['verified', null]
    return {
      title: `Decide again: before, you ${done} it`,
      text:
        key === null
          ? `You said: ${String(mine.reason)}. Look at what changed, then sign again.`
          : `You said: ${String(mine.reason)}. Look at what changed; ${key}, then Enter gives the same reason again.`,
    }
  }
  if (kind === 'score.set') {
    const note = String(mine.note ?? '')
    return {
      title: `Score again: ${summary}`,
      text: note === '' ? 'There was no note with it.' : `Your note was: ${note}`,
    }
  }
  const said = typeof mine.body === 'string' ? mine.body : typeof mine.description === 'string' ? mine.description : ''
  return { title: `Make again: ${summary}`, text: said === '' ? 'It was given up.' : `You said: ${said}` }
}
