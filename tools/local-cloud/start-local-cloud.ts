import { rmSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { jobKinds } from '../../supabase/functions/_shared/job-kinds.ts'
import { runJob } from '../../supabase/functions/_shared/run-job.ts'
import { readDatabaseIdentity } from './database-identity.ts'
import { lockDirectory } from './directory-lock.ts'
import { edgeFunctions, readFunctionSettings } from './edge-functions.ts'
import { Endings } from './endings.ts'
import { openFunctionCalls } from './function-calls.ts'
import { type CloudFunction, createFunctionsHandler, type MountedFunction } from './functions.ts'
import { openGateway } from './gateway.ts'
import { loadGrantKey, registerGrantKey } from './grant-key.ts'
import { hasJobQueue, startJobWorker } from './job-worker.ts'
import { keepPort, readPort } from './kept-port.ts'
import { createLoginGuard } from './login-guard.ts'
import { migrate } from './migrate.ts'
import { prepareDatabase } from './prepare-database.ts'
import { openRestAndAuth } from './rest-and-auth.ts'
import { loadSecrets } from './secrets.ts'
import { type SeedContext, seedOnce } from './seed-once.ts'
import { startPostgres } from './start-postgres.ts'
import { openObjectFiles } from './storage/object-files.ts'
import { openResumableFiles } from './storage/resumable-files.ts'
import { createStorageHandler } from './storage/storage-handler.ts'

/** How a local cloud is started. */
export interface LocalCloudOptions {
  /** Where everything is kept between starts; held exclusively while the cloud runs. */
  readonly dataDirectory: string
  /** Port on 127.0.0.1. Left out: the one of the last start if it is free, else any. */
  readonly port?: number
  /** Begin again with an empty cloud: every row, file, account and key of the data directory is removed. */
  readonly reset?: boolean
  /** Folder of `<digits>_<name>.sql`, applied at every start as far as they are new. */
  readonly migrationsDirectory?: string
  /** Fills a new database, once, in one transaction, before anybody can see it. */
  readonly seed?: (context: SeedContext) => Promise<void>
  /** Another PostgreSQL (15 or newer, its owner's connection) in place of our own. */
  readonly databaseUrl?: string
  /** Edge functions by name; those of the project when left out. */
  readonly functions?: Readonly<Record<string, CloudFunction | MountedFunction>>
  /** Settings of the functions beside the cloud's own; those of the process's environment when left out. */
  readonly functionSettings?: Readonly<Record<string, string>>
  /** False leaves the jobs of the queue to somebody else. */
  readonly jobs?: boolean
  /** False trades durability for speed, in tests. */
  readonly durable?: boolean
  /** Bytes an uploaded file may have, whatever its bucket says; 50 MiB, as on Supabase, when left out. */
  readonly fileSizeLimit?: number
  readonly log?: (line: string) => void
}

/** A running local cloud. */
export interface LocalCloud {
  /** What supabase-js is given as the project's URL. */
  readonly url: string
  /** For the workstation: what a role may do is decided by row level security. */
  readonly publishableKey: string
  /** Passes over row level security; never leaves this machine. */
  readonly secretKey: string
  /** A connection string of the database's owner. */
  readonly databaseUrl: string
  readonly dataDirectory: string
  /** To be called after the schema was changed from outside. */
  forgetSchema(): Promise<void>
  /** Ends everything and leaves the data. Safe to call twice. */
  stop(): Promise<void>
}

const DEFAULT_FILE_SIZE_LIMIT = 50 * 1024 * 1024

const openDatabase = async (
  options: LocalCloudOptions,
  dataDirectory: string,
  log: (line: string) => void,
  endings: Endings,
): Promise<string> => {
  if (options.databaseUrl !== undefined) return options.databaseUrl
  const postgres = await startPostgres({
    dataDirectory,
    log,
    ...(options.durable === undefined ? {} : { durable: options.durable }),
    ...(options.reset === undefined ? {} : { reset: options.reset }),
  })
  endings.add(() => postgres.stop())
  return postgres.connectionString
}

const sweepFiles = async (
  client: pg.Client,
  files: ReturnType<typeof openObjectFiles>,
  log: (line: string) => void,
): Promise<void> => {
  const { rows } = await client.query<{ version: string | null }>('select version from storage.objects')
  const named = new Set(rows.map((row) => row.version))
  const removed = files.sweep((version) => named.has(version))
  if (removed > 0) log(`Removed ${removed} files of uploads that did not finish.`)
}

const start = async (options: LocalCloudOptions, dataDirectory: string, endings: Endings): Promise<LocalCloud> => {
  const log = options.log ?? (() => {})
  const reportDefect = (error: unknown): void => {
    log(`Defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
  if (options.reset === true && options.databaseUrl !== undefined) {
    throw new Error('A cloud on another PostgreSQL is not reset from here. Empty that database, or choose a new one.')
  }
  const lock = lockDirectory(dataDirectory, 'cloud')
  endings.add(() => lock.release())
  const databaseUrl = await openDatabase(options, dataDirectory, log, endings)
  if (options.reset === true) {
    for (const name of ['objects', 'secrets.json', 'grant-signing-key']) {
      rmSync(path.join(dataDirectory, name), { recursive: true, force: true })
    }
  }
  const secrets = loadSecrets(dataDirectory)
  const grantKey = loadGrantKey(dataDirectory)

  const client = new pg.Client({ connectionString: databaseUrl })
  client.on('error', reportDefect)
  await client.connect()
  let files: ReturnType<typeof openObjectFiles>
  let resumable: ReturnType<typeof openResumableFiles>
  let runsJobs: boolean
  try {
    await prepareDatabase(client)
    if (options.migrationsDirectory !== undefined) {
      const applied = await migrate(client, options.migrationsDirectory)
      if (applied.length > 0) log(`Applied ${applied.length} migrations.`)
    }
    const identity = await readDatabaseIdentity(client)
    files = openObjectFiles(path.join(dataDirectory, 'objects', identity))
    resumable = openResumableFiles(path.join(dataDirectory, 'objects', `${identity}.resumable`))
    await sweepFiles(client, files, log)
    await registerGrantKey(client, grantKey)
    if (options.seed !== undefined) await seedOnce({ client, files, seed: options.seed, log })
    runsJobs = options.jobs !== false && (await hasJobQueue(client))
  } finally {
    await client.end()
  }

  const pool = new pg.Pool({ connectionString: databaseUrl, max: 5 })
  pool.on('error', reportDefect)
  endings.add(() => pool.end())
  const restAndAuth = openRestAndAuth({ databaseUrl, secrets })
  const guardLogin = createLoginGuard(pool)
  endings.add(() => restAndAuth.close())
  const functionCalls = openFunctionCalls({ databaseUrl, secrets, rest: restAndAuth.fetch, reportDefect })
  endings.add(() => functionCalls.close())

  const storage = createStorageHandler(
    { pool, files, resumable, secrets, fileSizeLimit: options.fileSizeLimit ?? DEFAULT_FILE_SIZE_LIMIT },
    reportDefect,
  )
  const settings = options.functionSettings ?? readFunctionSettings(process.env)
  const environment = () => ({
    ...settings,
    GRANT_SIGNING_KEY: grantKey.privateKey,
    SUPABASE_URL: gateway.url,
    SUPABASE_ANON_KEY: secrets.publishableKey,
    SUPABASE_SERVICE_ROLE_KEY: secrets.secretKey,
    SUPABASE_DB_URL: databaseUrl,
  })
  const functions = createFunctionsHandler({
    functions: options.functions ?? edgeFunctions,
    secrets,
    environment,
    reportDefect,
  })
  const gateway = await openGateway(
    {
      '/rest/v1/': functionCalls.fetch,
      '/auth/v1/': (request) => guardLogin(request, restAndAuth.fetch),
      '/storage/v1/': storage,
      '/functions/v1/': functions,
    },
    { port: options.port, preferred: readPort(dataDirectory) },
  )
  endings.add(() => gateway.close())
  keepPort(dataDirectory, gateway.port)
  if (runsJobs) {
    const worker = startJobWorker({
      databaseUrl,
      kinds: Object.keys(jobKinds),
      run: (job) => runJob(job, environment(), functions),
      log,
    })
    endings.add(() => worker.stop())
  }

  return {
    url: gateway.url,
    publishableKey: secrets.publishableKey,
    secretKey: secrets.secretKey,
    databaseUrl,
    dataDirectory,
    async forgetSchema() {
      functionCalls.forgetSchema()
      await restAndAuth.forgetSchema()
    },
    stop: () => endings.run(),
  }
}

/**
 * Starts a whole cloud on this machine, reachable from this machine alone: PostgreSQL, the REST, Auth and Storage
 * interfaces of Supabase, and edge functions. Brings the database to the newest migration and seeds it if it is new.
 *
 * Throws `DirectoryInUseError` where another process has the data directory, `MigrationError` for a migration that does
 * not apply; nothing is left running then.
 */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<LocalCloud> => {
  const endings = new Endings()
  try {
    return await start(options, path.resolve(options.dataDirectory), endings)
  } catch (error) {
    await endings.run()
    throw error
  }
}
