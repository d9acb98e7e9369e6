import type { CloudStatus, TableStatus } from './cloud-status.ts'

const missing = '-'

const withSeparators = (count: number): string => Math.round(count).toLocaleString('en-US')

const tableLines = (tables: readonly TableStatus[]): readonly string[] => {
  const names = tables.map(({ schema, name }) => `${schema}.${name}`)
  const width = Math.max(5, ...names.map((name) => name.length))
  const line = (name: string, rows: string, security: string, policies: string): string =>
    `${name.padEnd(width)}  ${rows.padStart(12)}  ${security.padEnd(3)}  ${policies.padStart(8)}`
  return [
    line('Table', 'Rows, about', 'RLS', 'Policies'),
    ...tables.map(({ rows, rowSecurity, policies }, index) =>
      line(names[index] ?? '', withSeparators(rows), rowSecurity ? 'on' : 'OFF', String(policies)),
    ),
  ]
}

const duration = (seconds: number): string => {
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

/** What runs in a cloud, as lines for a terminal: the tables first, then everything else with its name in front. */
export const describeStatus = (status: CloudStatus): string => {
  const { queue, chainHead, migrations, feedAgeSeconds, health } = status
  const facts: readonly (readonly [string, string])[] = [
    ['PostgreSQL', status.serverVersion],
    ['Tables', String(status.tables.length)],
    ['Policies', String(status.policies)],
    ['Functions', `${status.functions.public} public, ${status.functions.private} private`],
    ['Edge functions', status.edgeFunctions.length === 0 ? missing : status.edgeFunctions.join(', ')],
    ['Migrations', migrations === null ? missing : `${migrations.count}, newest ${migrations.newest ?? missing}`],
    [
      'Queue',
      queue === null
        ? missing
        : `${queue.waiting} waiting, ${queue.running} running, ${queue.dead} dead, oldest due ${duration(queue.oldestSeconds)}`,
    ],
    ['Chain head', chainHead === null ? missing : `${chainHead.seq} ${chainHead.hash}`],
    ['Feed age', feedAgeSeconds === null ? missing : duration(feedAgeSeconds)],
    ['Server epoch', status.serverEpoch ?? missing],
    [
      'Health',
      health === null
        ? missing
        : [health.status, ...(health.reasons.length > 0 ? [health.reasons.join(', ')] : [])].join(': '),
    ],
  ]
  return [...tableLines(status.tables), '', ...facts.map(([name, fact]) => `${name.padEnd(16)} ${fact}`)].join('\n')
}
