import { z } from 'zod'

/** Names of the parts of a backup's archive. */
export const parts = { manifest: 'manifest.json', data: 'data.sql.gz', objects: 'objects' } as const

/** Files of a data directory that hold a cloud's keys, under the same names in the archive. */
export const keyFiles = ['secrets.json', 'grant-signing-key'] as const

/** What a backup says of itself, in `manifest.json`. */
export const backupManifest = z.object({
  format: z.literal('veridesk-cloud-backup'),
  version: z.literal(1),
  takenAt: z.iso.datetime(),
  serverVersion: z.string(),
  /** Versions of the migrations that the database had, ascending. */
  migrations: z.array(z.string().regex(/^\d+$/)),
  /** Rows by table, as `schema.name`. */
  tables: z.record(z.string(), z.number().int().nonnegative()),
  /** Stored files in the archive, and those that a row names and that were not there. */
  files: z.object({ count: z.number().int().nonnegative(), missing: z.array(z.string()) }),
  /** SHA-256 of `data.sql.gz`, in hexadecimal. */
  dataSha256: z.string().regex(/^[\da-f]{64}$/),
})
export type BackupManifest = z.infer<typeof backupManifest>
