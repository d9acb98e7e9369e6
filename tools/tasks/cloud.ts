import path from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { readCloudStatus } from '../cloud-operations/cloud-status.ts'
import { describeStatus } from '../cloud-operations/describe-status.ts'
import { restoreBackup } from '../cloud-operations/restore-backup.ts'
import { writeBackup } from '../cloud-operations/write-backup.ts'
import { edgeFunctions } from '../local-cloud/edge-functions.ts'
import { findHolder, type LocalCloud, readPort, readSecrets, startLocalCloud } from '../local-cloud/index.ts'
import { findRunningDatabase } from '../local-cloud/running-database.ts'

const USAGE = `npm run cloud -- [start|status|backup FILE|restore FILE] [--data DIR] [--port N] [--migrations DIR] [--reset] [--json]

start         starts the local cloud, prints how to reach it, and stops it on Ctrl-C
status        says what runs in it: tables, policies, functions, migrations, queue, audit chain, feed; exit code 1 where none runs
backup FILE   writes rows, stored files and keys of the cloud that runs to FILE
restore FILE  restores a backup into an empty cloud, which is started afterwards
--data        where it keeps its data (default: .local-cloud in the repository, else .local-cloud/demo, that of npm start)
--port        the port on 127.0.0.1 (default: the last one, if it is free)
--migrations  the schema's files (default: supabase/migrations in the repository)
--reset       begins again with an empty cloud; with restore, replaces what is there
--json        status as JSON

DATABASE_URL, when set, is the PostgreSQL it uses in place of its own.`

const REPOSITORY = path.resolve(import.meta.dirname, '../..')

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const fail = (line: string): never => {
  process.stderr.write(`${line}\n`)
  process.exit(1)
}

const howToReach = (cloud: LocalCloud): string =>
  [
    `Project URL      ${cloud.url}`,
    `Publishable key  ${cloud.publishableKey}`,
    `Secret key       ${cloud.secretKey}`,
    `PostgreSQL       ${cloud.databaseUrl}`,
    `Data             ${cloud.dataDirectory}`,
  ].join('\n')

const readPortOption = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return fail(`--port ${text} is not a port.\n\n${USAGE}`)
  return port
}

/** The database that is meant: the one that DATABASE_URL names, or the one that runs on the data directory. */
const findDatabase = (dataDirectory: string): string | undefined => {
  const given = process.env.DATABASE_URL
  return given === undefined || given === '' ? findRunningDatabase(dataDirectory) : given
}

const nothingRuns = (dataDirectory: string): never =>
  fail(`No local cloud runs on ${dataDirectory}. Start it with \`npm run cloud\`, or with \`npm start\` for the demo.`)

const withDatabase = async <Value>(url: string, work: (client: pg.Client) => Promise<Value>): Promise<Value> => {
  const client = new pg.Client({ connectionString: url, application_name: 'veridesk cloud' })
  client.on('error', () => {})
  await client.connect().catch((error: unknown) => {
    throw new Error(`The database does not answer: ${error instanceof Error ? error.message : String(error)}`)
  })
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const status = async (dataDirectory: string, asJson: boolean): Promise<void> => {
  const url = findDatabase(dataDirectory) ?? nothingRuns(dataDirectory)
  const read = await withDatabase(url, (client) => readCloudStatus(client, Object.keys(edgeFunctions).sort()))
  const holder = findHolder(dataDirectory, 'cloud')
  const isOwn = holder !== undefined
  const address = isOwn ? `http://127.0.0.1:${readPort(dataDirectory) ?? '?'}` : null
  if (asJson) {
    say(
      JSON.stringify(
        { dataDirectory: isOwn ? dataDirectory : null, process: holder ?? null, url: address, ...read },
        null,
        2,
      ),
    )
    return
  }
  if (isOwn) {
    say(`A local cloud runs on ${dataDirectory}${holder === null ? '' : `, process ${holder}`}.`)
    say(`Project URL      ${address}`)
    say(`Publishable key  ${readSecrets(dataDirectory)?.publishableKey ?? '?'}`)
  }
  say(`\n${describeStatus(read)}`)
}

const backup = async (dataDirectory: string, file: string): Promise<void> => {
  const databaseUrl = findDatabase(dataDirectory) ?? nothingRuns(dataDirectory)
  const { tables, files } = await writeBackup({ databaseUrl, dataDirectory, file })
  const rows = Object.values(tables).reduce((sum, count) => sum + count, 0)
  say(`${file}: ${rows} rows of ${Object.keys(tables).length} tables and ${files.count} stored files.`)
  if (files.missing.length > 0) say(`${files.missing.length} stored files were not there: ${files.missing.join(', ')}`)
  say('It holds the keys of the cloud and everything in it: keep it as you keep those.')
}

const restore = async (options: {
  readonly file: string
  readonly dataDirectory: string
  readonly migrationsDirectory: string
  readonly reset: boolean
}): Promise<void> => {
  const databaseUrl = process.env.DATABASE_URL
  const report = await restoreBackup({
    ...options,
    log: say,
    ...(databaseUrl === undefined || databaseUrl === '' ? {} : { databaseUrl }),
  })
  say(JSON.stringify(report, null, 2))
  if (!report.ok)
    fail(
      'The restored cloud does not hold together: see chain and feed above. Do not start it; restore another backup.',
    )
  say('Restored. Start the cloud: workstations fetch everything again and send what waits in their outboxes.')
}

interface StartOptions {
  readonly dataDirectory: string
  readonly migrationsDirectory: string
  readonly port: number | undefined
  readonly reset: boolean
}

const start = async ({ port, ...options }: StartOptions): Promise<void> => {
  const databaseUrl = process.env.DATABASE_URL
  const cloud = await startLocalCloud({
    ...options,
    log: say,
    ...(port === undefined ? {} : { port }),
    ...(databaseUrl === undefined || databaseUrl === '' ? {} : { databaseUrl }),
  })
  say(howToReach(cloud))
  say('Ctrl-C stops it.')
  const stop = (): void => {
    cloud.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(String(error)),
    )
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    port: { type: 'string' },
    migrations: { type: 'string' },
    reset: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const [command = 'start', file] = positionals
const ownDirectory = path.join(REPOSITORY, '.local-cloud')
const demoDirectory = path.join(ownDirectory, 'demo')

/** Whoever asks without naming a directory means the cloud that runs; a new one is never put where the demo is. */
const directoryThatRuns = (): string =>
  findRunningDatabase(ownDirectory) === undefined && findRunningDatabase(demoDirectory) !== undefined
    ? demoDirectory
    : ownDirectory
const asksWhatRuns = command === 'status' || command === 'backup'
const dataDirectory = path.resolve(values.data ?? (asksWhatRuns ? directoryThatRuns() : ownDirectory))
const migrationsDirectory = path.resolve(values.migrations ?? path.join(REPOSITORY, 'supabase/migrations'))

const run = async (): Promise<void> => {
  if (values.help) say(USAGE)
  else if (command === 'status') await status(dataDirectory, values.json)
  else if (command === 'start')
    await start({ dataDirectory, migrationsDirectory, port: readPortOption(values.port), reset: values.reset })
  else if (command !== 'backup' && command !== 'restore') fail(`"${command}" is not a command.\n\n${USAGE}`)
  else if (file === undefined) fail(`${command} needs a file.\n\n${USAGE}`)
  else if (command === 'backup') await backup(dataDirectory, file)
  else await restore({ file, dataDirectory, migrationsDirectory, reset: values.reset })
}

await run().catch((error: unknown) => {
  fail(error instanceof Error ? error.message : String(error))
})
