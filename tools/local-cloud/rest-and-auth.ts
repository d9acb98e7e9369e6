import { App, createPostgresConnection } from './lite.ts'
import { normalizeDatabaseError } from './rest-errors.ts'
import type { CloudSecrets } from './secrets.ts'

/** The REST and Auth interfaces of a Supabase project over one database. */
export interface RestAndAuth {
  fetch(request: Request): Promise<Response>
  /** To be called after the schema has changed: functions and tables are looked up in a cache. */
  forgetSchema(): Promise<void>
  close(): Promise<void>
}

const CONNECTIONS = 10

/** Seconds; Supabase's default. */
const TOKEN_SECONDS = 3600

const parseJson = (text: string): unknown => JSON.parse(text)

/** An argument arrives as JSON text already where it is a string; encoding it again would make a string of an object. */
const toJson = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const TYPES = {
  json: { to: 114, from: [114], serialize: toJson, parse: parseJson },
  jsonb: { to: 3802, from: [3802], serialize: toJson, parse: parseJson },
  // PostgREST writes every numeric as a JSON number; the driver would give text for 1.50 and a number for 1.25.
  numeric: { to: 1700, from: [1700], serialize: String, parse: Number },
}

/**
 * Opens REST and Auth over a prepared database (see `prepareDatabase`). Requests run under the role of their token, and
 * at most 1,000 rows come back from a table or a set, as on Supabase: ask for pages, or for one jsonb.
 */
export const openRestAndAuth = (options: {
  readonly databaseUrl: string
  readonly secrets: CloudSecrets
}): RestAndAuth => {
  const connection = createPostgresConnection({
    url: options.databaseUrl,
    postgresOptions: {
      max: CONNECTIONS,
      onnotice: () => {},
      connection: { search_path: '"$user", public, extensions' },
      types: TYPES,
    },
  })
  Object.assign(connection, {
    normalizeDbError: normalizeDatabaseError,
    // Left to find out by itself, the layer grants everything to everyone on the first request.
    rlsState: 'active',
  })
  const app = new App({
    connection,
    studio: { enabled: false },
    auth: {
      enabled: true,
      jwt_secret: options.secrets.jwtSecret,
      jwt_expiry: TOKEN_SECONDS,
      publishable_key: options.secrets.publishableKey,
      secret_key: options.secrets.secretKey,
      minimum_password_length: 8,
      email: { enable_confirmations: false },
    },
    api: { schemas: ['public'], max_rows: 1000 },
    storage: { enabled: false },
    options: { server: { admin: false, disableStudio: true } },
  })
  return {
    fetch: (request) => app.fetch(request, { peerAddress: '127.0.0.1' }),
    forgetSchema: () => connection.clearSchemaCache(),
    close: () => connection.close(),
  }
}
