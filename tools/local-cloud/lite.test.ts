import { once } from 'node:events'
import { expect, test } from 'vitest'
import './lite.ts'

test('a warning that is an error still reaches those who listen', async () => {
  const warned = once(process, 'warning')
  const warning = Object.assign(new Error('many listeners'), { name: 'Warning' })
  process.emitWarning(warning)
  expect(await warned).toEqual([warning])
})
