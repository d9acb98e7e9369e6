import SqliteDatabase, { type SqliteConnection } from 'better-sqlite3'

/** A prepared statement. */
export interface Statement {
  readonly run: (...parameters: readonly unknown[]) => { changes: number; lastInsertRowid: number | bigint }
  readonly get: (...parameters: readonly unknown[]) => unknown
  readonly all: (...parameters: readonly unknown[]) => unknown[]
  readonly iterate: (...parameters: readonly unknown[]) => IterableIterator<unknown>
  /** Rows then come as the value of their first column. */
  readonly pluck: (on?: boolean) => Statement
}

/** One connection to the encrypted file. Known inside this folder alone; everybody else gets handles. */
export type Connection = SqliteConnection

/**
 * ChaCha20-Poly1305 (RFC 8439) on every page: a changed byte is noticed wherever it is. Loading 60,000 indexed and searchable rows
 * ran at 31,000 rows/s with it, at 26,000 with the SQLCipher scheme, at 56,000 without encryption (two runs each, 2 cores).
 */
const cipher = 'chacha20'

/** 8 KB pages loaded one seventh faster than 4 KB; commits of one row took as long. */
const pageSize = 8192

/**
 * Page caches in KiB. An encrypted page costs far more to read again than a plain one. What is written comes in order and is not read
 * again soon: with 64 MB for the writer too, a first mirror took as long and 77 MB more.
 */
const cacheKibibytes = { read: 64 * 1024, write: 16 * 1024 } as const

/**
 * Pages of the log from which on a commit copies them into the file: each is decrypted and encrypted once more, and the thread does
 * nothing else meanwhile (some 45 microseconds a page). A first mirror of 20,000 batches is worth a log of 64 MB; one of 100,000 fits
 * into 128, and is searchable a fifth of the processor's time sooner when its pages are copied afterwards.
 */
const logPages = { usual: 8000, bulkLoad: 16_000 } as const

/** Lets the log grow to what a bulk load takes, or no further than usual from the next commit on. */
export const limitLog = (connection: Pick<Connection, 'pragma'>, kind: keyof typeof logPages): unknown =>
  connection.pragma(`wal_autocheckpoint = ${logPages[kind]}`)

/** Opens a file and gives it the raw key, without reading it yet. */
export function openConnection(path: string, keyHex: string, mode: 'write' | 'read'): Connection {
  const connection = new SqliteDatabase(path, { readonly: mode === 'read', timeout: 5000 })
  try {
    connection.pragma(`cipher = '${cipher}'`)
    connection.pragma(`key = 'raw:${keyHex}'`)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/**
 * Reads the first page, which shows whether the key fits, and sets the connection up. Foreign keys stay off: rows arrive in the order
 * of the feed, and a parent may leave the mirror before its children. Throws what SQLite says.
 */
export function beginUse(connection: Connection): void {
  if (!connection.readonly) connection.pragma(`page_size = ${pageSize}`)
  connection.prepare('select count(*) from sqlite_master').get()
  connection.pragma('foreign_keys = off')
  connection.pragma(`cache_size = -${cacheKibibytes[connection.readonly ? 'read' : 'write']}`)
  // Temporary tables and sorts would otherwise reach the disk unencrypted.
  connection.pragma('temp_store = memory')
  // Encrypted pages cannot be mapped.
  connection.pragma('mmap_size = 0')
  if (connection.readonly) return
  connection.pragma('journal_mode = wal')
  limitLog(connection, 'usual')
  connection.pragma('synchronous = full')
}

/** The answer of `pragma quick_check`: null when nothing is wrong, else what is. Throws when pages cannot be read. */
export function findDamage(connection: Connection): string | null {
  const rows = connection.pragma('quick_check(1)') as readonly { readonly quick_check: string }[]
  const answer = rows[0]?.quick_check
  return answer === 'ok' ? null : (answer ?? 'no answer')
}
