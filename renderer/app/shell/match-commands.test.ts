import { describe, expect, it } from 'vitest'
import { matchCommands } from './match-commands.ts'

const commands = [
  { label: 'Go to the queue', group: 'Everywhere', keys: 'G Q' },
  { label: 'Undo', group: 'Everywhere', keys: 'Ctrl+Z' },
  { label: 'Approve', group: 'Queue', keys: 'A' },
  { label: 'Queue: take new batches in', group: 'Queue', keys: 'U' },
]
const labels = (text: string) => matchCommands(commands, text).map(({ label }) => label)

describe('matchCommands', () => {
  it('finds everything without words, the nearest first', () => {
    expect(labels('')).toHaveLength(4)
    expect(labels('').slice(0, 2)).toEqual(['Approve', 'Queue: take new batches in'])
  })

  it('wants every word at the beginning of a word', () => {
    expect(labels('go que')).toEqual(['Go to the queue'])
    expect(labels('ueue')).toEqual([])
  })

  it('puts labels first that begin with the text', () => {
    expect(labels('queue')[0]).toBe('Queue: take new batches in')
    expect(labels('queue')).toContain('Approve')
  })

  it('leaves out a command whose keys a nearer one has taken', () => {
    const nearer = { label: 'Approve all', group: 'Batch', keys: 'A' }
    expect(matchCommands([...commands, nearer], 'approve')).toEqual([nearer])
  })
})
