import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up as createSearch } from './20261120T0920-create-search.ts'
import { up as createGrants } from './20261121T0100-create-grants.ts'
import { up as createSyncJournal } from './20261122T0200-create-sync-journal.ts'
import { up as keepFilesInBounds } from './20261122T0300-files-in-bounds.ts'
import { up as noteResolutions } from './20261122T0400-note-resolutions.ts'
import { up as markHandedOver } from './20261122T1100-mark-handed-over.ts'
import { up as searchWithoutPrefixes } from './20261129T0900-search-without-prefixes.ts'
import { up as changeStatesOutOfIndex } from './20261129T1000-change-states-out-of-index.ts'
import type { Migration } from './migration.ts'

export type { Migration, RunStatement } from './migration.ts'

/** Every migration in the order in which it is applied. Explicit, so that a bundler cannot lose one. */
export const migrations: readonly Migration[] = [
  { name: '20261120T0900-create-mirror', up: createMirror },
  { name: '20261120T0910-create-work', up: createWork },
  { name: '20261120T0920-create-search', up: createSearch },
  { name: '20261121T0100-create-grants', up: createGrants },
  { name: '20261122T0200-create-sync-journal', up: createSyncJournal },
  { name: '20261122T0300-files-in-bounds', up: keepFilesInBounds },
  { name: '20261122T0400-note-resolutions', up: noteResolutions },
  { name: '20261122T1100-mark-handed-over', up: markHandedOver },
  { name: '20261129T0900-search-without-prefixes', up: searchWithoutPrefixes },
  { name: '20261129T1000-change-states-out-of-index', up: changeStatesOutOfIndex },
]
