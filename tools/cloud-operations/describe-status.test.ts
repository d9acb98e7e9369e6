import { expect, test } from 'vitest'
import type { CloudStatus } from './cloud-status.ts'
import { describeStatus } from './describe-status.ts'

const status: CloudStatus = {
  serverVersion: '17.10',
  tables: [
    { schema: 'public', name: 'batches', rows: 100_000, rowSecurity: true, policies: 3 },
    { schema: 'private', name: 'job_queue', rows: 0, rowSecurity: false, policies: 0 },
  ],
  policies: 3,
  functions: { public: 80, private: 200 },
  edgeFunctions: ['ai-validation', 'health'],
  migrations: { count: 70, newest: '20261121160900' },
  queue: { waiting: 4, running: 1, dead: 2, oldestSeconds: 300 },
  chainHead: { seq: '12', hash: 'ab'.repeat(32) },
  feedAgeSeconds: 0,
  serverEpoch: '0e3152e4-6df2-4962-98b1-19eee9b9aeea',
  health: { status: 'degraded', reasons: ['dead_jobs 2 jobs'] },
}

test('columns are aligned, and a table without row-level security stands out', () => {
  const [header = '', batches = '', queue = ''] = describeStatus(status).split('\n')
  expect(batches).toBe('public.batches          100,000  on          3')
  expect(queue).toBe('private.job_queue             0  OFF         0')
  expect(header.indexOf('RLS')).toBe(batches.indexOf('on '))
})

test('the facts have their names in front', () => {
  const text = describeStatus(status)
  expect(text).toContain('Queue            4 waiting, 1 running, 2 dead, oldest due 5 min')
  expect(text).toContain(`Chain head       12 ${'ab'.repeat(32)}`)
  expect(text).toContain('Health           degraded: dead_jobs 2 jobs')
})

test('what is not there is a dash', () => {
  const text = describeStatus({
    ...status,
    queue: null,
    chainHead: null,
    health: null,
    serverEpoch: null,
    edgeFunctions: [],
  })
  for (const name of ['Queue', 'Chain head', 'Health', 'Server epoch', 'Edge functions'])
    expect(text).toMatch(new RegExp(`^${name} +-$`, 'm'))
})
