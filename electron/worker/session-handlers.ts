import type { WrittenHandover } from '../../shared/contract/handover-views.ts'
import { ok } from '../../shared/result.ts'
import { listQuarantined } from '../batches/list-quarantined.ts'
import { getDraft, setDraft } from '../drafts/drafts.ts'
import { setSettings } from '../drafts/settings.ts'
import { handoverOutlook } from '../handover/handover-outlook.ts'
import { openOutboxFile } from '../handover/open-outbox-file.ts'
import { submitOutboxFile } from '../handover/submit-outbox-file.ts'
import { outboxFileName, writeOutboxFile } from '../handover/write-outbox-file.ts'
import type { HandlersOf } from './handler-types.ts'
import { afterChange, inWorkspace, type WorkerParts } from './worker-parts.ts'

type Names =
  | 'app.info'
  | `session.${string}`
  | `sync.${string}`
  | `handover.${string}`
  | `draft.${string}`
  | `settings.${string}`

/** Sign-in, synchronization, outbox files, drafts and settings. */
export function sessionHandlers(parts: WorkerParts): HandlersOf<Names> {
  const { workstation, data, openFiles } = parts
  const within = inWorkspace(parts)
  return {
    'app.info': async () =>
      ok({
        version: data.appVersion,
        host: data.host,
        platform: `${process.platform} ${process.arch}`,
        databaseEncrypted: true,
        userDataDirectory: data.userDataDirectory,
      }),
    'session.state': async () => ok(workstation.state()),
    'session.testCloud': (input) => workstation.testCloud(input),
    'session.readOrganizationFile': async (input) => workstation.readOrganizationFile(input),
    'session.signIn': async (input) => {
      openFiles.closeAll()
      return workstation.signIn(input)
    },
    'session.unlock': (input) => workstation.unlock(input),
    'session.renew': (input) => workstation.renew(input),
    'session.signOut': async (input) => {
      const result = await workstation.signOut(input)
      if (result.ok) openFiles.closeAll()
      return result
    },
    'sync.state': () => within((_context, { engine }) => ok(engine.state())),
    'sync.now': () => within((_context, { engine }) => ok(engine.now())),
    'sync.cancel': () => within((_context, { engine }) => ok(engine.cancel())),
    'sync.setPaused': ({ paused }) => within((_context, { engine }) => ok(engine.setPaused(paused))),
    'sync.checkCopy': () => within((_context, { engine }) => ok(engine.checkCopy())),
    'sync.setOffline': ({ offline }) => within((_context, { engine }) => ok(engine.setOffline(offline))),
    'sync.quarantine': () => within((context) => listQuarantined(context)),
    'handover.outlook': () => within((context) => handoverOutlook(context)),
    'handover.write': (input) =>
      within<WrittenHandover | null>(async (context, workspace) => {
        const path = await parts.main('chooseSavePath', {
          fileName: outboxFileName(context),
          title: 'Hand over unsent changes',
        })
        if (path === null) return ok(null)
        const written = await writeOutboxFile(context, workspace, input, path)
        if (written.ok) afterChange(parts, workspace, null)
        return written
      }),
    'handover.open': ({ bytes }) => within((context) => openOutboxFile(context, parts.hostileReader, bytes)),
    'handover.submit': ({ bytes }) =>
      within(async (context, { cloud, engine }) => {
        const submitted = await submitOutboxFile(context, cloud, bytes)
        // What it changed comes here with the next page.
        if (submitted.ok) engine.now()
        return submitted
      }),
    'draft.get': (input) => within((context) => getDraft(context, input)),
    'draft.set': (input) => within((context) => setDraft(context, input)),
    'settings.get': () => within((context) => ok(context.settings)),
    'settings.set': (input) =>
      within(async (context) => {
        const result = setSettings(context, input)
        if (result.ok) await parts.main('applyTheme', { theme: input.theme })
        return result
      }),
  }
}
