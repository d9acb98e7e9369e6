import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startDatabaseThread } from './database-thread.ts'

/** Makes garbage as a first mirror does: rows of text that live a little longer than one collection of young objects. */
const makesGarbage = `
  import { parentPort } from 'node:worker_threads'
  import { getHeapSpaceStatistics } from 'node:v8'
  const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size
  let most = 0
  for (let page = 0; page < 60; page++) {
    JSON.parse(JSON.stringify(Array.from({ length: 2000 }, (_, row) => ({ id: page + ' ' + row, text: 'x'.repeat(100) }))))
    most = Math.max(most, young())
  }
  parentPort.postMessage(most)`

test('the database thread keeps its young objects small, whatever garbage a first mirror makes', async () => {
  const thread = startDatabaseThread(new URL(`data:text/javascript,${encodeURIComponent(makesGarbage)}`), null)
  const [most] = await once(thread, 'message')
  await thread.terminate()
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(6 * 1024 * 1024)
})
