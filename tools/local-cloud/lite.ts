// On import the package replaces `process.emitWarning` with one that throws for a warning that is an Error, which is how
// Node itself warns of a leak of listeners. The original is put back, so nothing else may import the package.
const { emitWarning } = process
const lite = await import('@supabase/lite')
const postgres = await import('@supabase/lite/postgres')
process.emitWarning = emitWarning

/** The REST and Auth server. */
export const { App } = lite

/** SQL of the `auth` and `storage` schemas of a Supabase project. */
export const { getAuthSchemaSql, getStorageSchemaSql } = lite

/** A database connection for `App`. */
export const { createPostgresConnection } = postgres
