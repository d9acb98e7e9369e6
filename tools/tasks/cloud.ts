import path from 'node:path'
import { parseArgs } from 'node:util'
import { findHolder, type LocalCloud, readPort, readSecrets, startLocalCloud } from '../local-cloud/index.ts'

const USAGE = `node tools/tasks/cloud.ts [start|status] [--data DIR] [--port N] [--migrations DIR] [--reset]

start         starts the local cloud, prints how to reach it, and stops it on Ctrl-C
status        says whether it runs, and by which process
--data        where it keeps its data (default: .local-cloud in the repository)
--port        the port on 127.0.0.1 (default: the last one, if it is free)
--migrations  the schema's files (default: supabase/migrations in the repository)
--reset       begins again with an empty cloud

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

const status = (dataDirectory: string): void => {
  const holder = findHolder(dataDirectory, 'cloud')
  if (holder === undefined) {
    say(`No local cloud runs on ${dataDirectory}.`)
    return
  }
  say(`A local cloud runs on ${dataDirectory}${holder === null ? '' : `, process ${holder}`}.`)
  say(`Project URL      http://127.0.0.1:${readPort(dataDirectory) ?? '?'}`)
  say(`Publishable key  ${readSecrets(dataDirectory)?.publishableKey ?? '?'}`)
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
    help: { type: 'boolean', default: false },
  },
})
const dataDirectory = path.resolve(values.data ?? path.join(REPOSITORY, '.local-cloud'))
const command = positionals[0] ?? 'start'

if (values.help) say(USAGE)
else if (command === 'status') status(dataDirectory)
else if (command === 'start') {
  await start({
    dataDirectory,
    migrationsDirectory: path.resolve(values.migrations ?? path.join(REPOSITORY, 'supabase/migrations')),
    port: readPortOption(values.port),
    reset: values.reset,
  }).catch((error: unknown) => {
    fail(error instanceof Error ? error.message : String(error))
  })
} else fail(`"${command}" is not a command.\n\n${USAGE}`)
