import { expect, test } from 'vitest'
import { channelNames } from './channel-names.ts'
import { channels } from './channels.ts'

test('the names that the preload lets through are exactly the channels that have a schema', () => {
  expect(Object.keys(channels).toSorted()).toEqual([...channelNames].toSorted())
})

test('a request with a field that the schema does not know is refused', () => {
  expect(channels['batch.get'].request.safeParse({ batchId: crypto.randomUUID(), extra: 1 }).success).toBe(false)
})
