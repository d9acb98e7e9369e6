import type { ChannelName, EventName } from '../../shared/contract/channel-names.ts'
import type { Events, RequestOf, ResponseOf } from '../../shared/contract/channels.ts'
import type { BatchListRow, DecisionOutcome, Settings } from '../../shared/contract/views.ts'
import { bulkApprovalRiskLimit } from '../../shared/domain/gates.ts'
import type { MutationId, Sha256 } from '../../shared/domain/ids.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { fakeBatches, previewNow } from './fake-batches.ts'
import { fakeComparison, fakeKinds } from './fake-changes.ts'
import { fakeDetail } from './fake-detail.ts'
import { fakeNothingUnsent, fakeOpened, fakeOutlook, fakeSubmitted, fakeWritten } from './fake-handover.ts'
import { matches, valueIn } from './fake-queue.ts'
import { fakeAudit, fakeOutbox, fakeRegister, fakeReport } from './fake-records.ts'
import { locked, signedIn, signedOut, signedOutWithoutKeychain } from './fake-session.ts'
import { fakeStorage, fakeSync } from './fake-sync.ts'
import { fakeExchanges, fakeSyncRuns } from './fake-sync-log.ts'

/** What the preview shows, from the address: `?scenario=offline&theme=dark&batches=2000`. */
const parameters = new URLSearchParams(location.search)
const scenario = parameters.get('scenario') ?? 'signed-in'

type Handlers = {
  readonly [Channel in ChannelName]?: (
    request: RequestOf<Channel>,
  ) => Result<ResponseOf<Channel>> | Promise<Result<ResponseOf<Channel>>>
}

const batches: BatchListRow[] = fakeBatches(Number(parameters.get('batches') ?? (scenario === 'empty' ? '0' : '2000')))
const audit = fakeAudit(batches.length === 0 ? fakeBatches(10) : batches, 1840)
const outbox = scenario === 'empty' ? [] : fakeOutbox(batches)
const syncRuns = fakeSyncRuns(900)
const drafts = new Map<string, string>(JSON.parse(sessionStorage.getItem('drafts') ?? '[]'))
const listeners = new Map<EventName, Set<(payload: unknown) => void>>()
const mutations = new Map<string, { readonly row: number; readonly before: BatchListRow }>()

const theme = parameters.get('theme')
let settings: Settings = {
  theme: theme === 'dark' || theme === 'light' ? theme : 'system',
  holdSeconds: 30,
  singleLetterKeys: parameters.get('letters') !== 'off',
  density: 32,
}
let session =
  scenario === 'signed-out'
    ? signedOut
    : scenario === 'no-keychain'
      ? signedOutWithoutKeychain
      : scenario === 'locked'
        ? locked
        : scenario === 'expired' && signedIn.kind === 'signed_in'
          ? { ...signedIn, needsPassword: true }
          : signedIn

let sync = fakeSync(scenario)
let storage = fakeStorage(scenario)

const tell = <Event extends EventName>(event: Event, payload: Events[Event]) => {
  for (const listener of listeners.get(event) ?? []) listener(payload)
}

const change = (row: number, next: Partial<BatchListRow>): string => {
  const before = batches[row - 1]
  if (before === undefined) throw new Error(`No row ${String(row)}`)
  const mutationId = crypto.randomUUID()
  mutations.set(mutationId, { row, before })
  batches[row - 1] = { ...before, ...next, syncMark: 'saved_here' }
  return mutationId
}

const each = (
  ids: readonly string[],
  next: (row: BatchListRow) => Partial<BatchListRow> | string,
): readonly DecisionOutcome[] => {
  const wanted = new Set(ids)
  const outcomes = batches
    .filter(({ id }) => wanted.has(id))
    .map((row): DecisionOutcome => {
      const result = next(row)
      return typeof result === 'string'
        ? { batchId: row.id, mutationId: null, refused: { code: 'blocked', message: result } }
        : { batchId: row.id, mutationId: change(row.row, result) as MutationId, refused: null }
    })
  setTimeout(() => tell('batches.changed', { batchIds: ids }), 0)
  return outcomes
}

const statusAfter = { approve: 'approved', reject: 'rejected', request_changes: 'changes_requested' } as const
const broken = <Value>(value: Value): Result<Value> =>
  scenario === 'broken'
    ? fail(
        'database_corrupt',
        'The local database cannot be read.',
        'Restart Veridesk; it saves your unsent work aside and repairs itself.',
      )
    : ok(value)

const handlers: Handlers = {
  'app.info': () =>
    ok({
      version: '0.1.0',
      host: 'Chromium host',
      platform: 'linux',
      databaseEncrypted: true,
      userDataDirectory: '~/.config/Veridesk',
    }),
  'session.state': () => ok(session),
  'session.testCloud': () =>
    ok({
      reachable: true,
      compatible: true,
      milliseconds: 12,
      message: 'The cloud answers and fits this program.',
      action: null,
    }),
  'session.signIn': ({ password }) => {
    if (password === 'wrong') return fail('wrong_password', 'Email or password is wrong.', 'Check both and try again.')
    session = signedIn
    setTimeout(() => tell('session.changed', session), 0)
    return ok(session)
  },
  'session.unlock': () => fail('wrong_passphrase', 'This is not the passphrase.', 'Try again; capitals count.'),
  'session.renew': () => ok(session),
  'session.signOut': () => {
    session = signedOut
    setTimeout(() => tell('session.changed', session), 0)
    return ok(session)
  },
  'sync.state': () => ok(sync),
  'sync.now': () => ok(sync),
  'sync.cancel': () => ok(sync),
  'sync.setPaused': ({ paused }) => {
    sync = { ...sync, pausedSince: paused ? new Date().toISOString() : null }
    tell('sync.changed', sync)
    return ok(sync)
  },
  'sync.setOffline': ({ offline }) => {
    sync = { ...sync, connection: { kind: offline ? 'switched_off' : 'online', since: new Date().toISOString() } }
    tell('sync.changed', sync)
    return ok(sync)
  },
  'sync.checkCopy': () => ok(sync),
  'syncLog.list': ({ failedOnly, before, limit }) => {
    const found = (scenario === 'empty' ? [] : syncRuns).filter(({ outcome }) => !failedOnly || outcome === 'failed')
    const runs = found.filter(({ run }) => before === null || run < before).slice(0, limit)
    return broken({ runs, total: found.length })
  },
  'syncLog.exchanges': ({ run }) => ok(fakeExchanges(syncRuns.find((candidate) => candidate.run === run))),
  'syncLog.save': () =>
    ok({
      path: '~/Documents/veridesk-sync-log-2026-11-20.jsonl',
      fileName: 'veridesk-sync-log-2026-11-20.jsonl',
      rowCount: 900,
      sha256: (audit[0]?.hash ?? '') as Sha256,
      byteSize: 412_400,
      generatedAt: new Date(previewNow).toISOString(),
    }),
  'storage.state': () => ok(storage),
  'storage.setBudget': ({ bytes }) => {
    if (bytes < storage.keptBytes)
      return fail(
        'invalid_input',
        '0.38 GB of what is here stays: files not sent yet, pinned batches, and batches with changes under way.',
        'Choose 0.38 GB or more, or unpin a batch first.',
      )
    storage = { ...storage, budgetBytes: bytes, budgetChosen: true }
    return ok(storage)
  },
  'outbox.list': ({ states }) => ok(outbox.filter(({ state }) => states.includes(state))),
  'handover.outlook': () => ok(scenario === 'empty' ? fakeNothingUnsent : fakeOutlook),
  'handover.write': () => ok(fakeWritten),
  'handover.open': () => ok(fakeOpened(batches, scenario === 'offline')),
  'handover.submit': () => ok(fakeSubmitted(batches)),
  'outbox.compare': ({ mutationId }) => {
    const item = outbox.find((each) => each.mutationId === mutationId)
    return item === undefined ? fail('not_found', 'There is no such change.') : ok(fakeComparison(item))
  },
  'outbox.kinds': ({ states }) => ok(fakeKinds(outbox, states)),
  'outbox.toDecideAgain': () => ok([]),
  'sync.quarantine': () =>
    ok(
      scenario !== 'offline'
        ? []
        : [
            {
              batchId: batches[7]?.id ?? '',
              batchHash: batches[7]?.batchHash ?? '',
              projectName: batches[7]?.projectName ?? '',
              since: new Date(previewNow - 7_200_000).toISOString(),
              changes: 2,
            },
          ],
    ),
  'batch.ids': ({ filter, sort }) => {
    const sign = sort.direction === 'ascending' ? 1 : -1
    const found = batches.filter(matches(filter)).sort((left, right) => {
      const [a, b] = [valueIn(left, sort.by), valueIn(right, sort.by)]
      return a < b ? -sign : a > b ? sign : left.row - right.row
    })
    return broken({ rows: Uint32Array.from(found, ({ row }) => row), takenAt: new Date().toISOString() })
  },
  'batch.rows': ({ rows }) => ok(rows.flatMap((row) => batches[row - 1] ?? [])),
  'batch.facets': ({ assignment, since }) => {
    const found = batches.filter(matches({ text: '', statuses: [], standards: [], assignment, unsentOnly: false }))
    const byStatus: Partial<Record<BatchListRow['status'], number>> = {}
    const byStandard: Partial<Record<BatchListRow['standard'], number>> = {}
    for (const row of found) {
      byStatus[row.status] = (byStatus[row.status] ?? 0) + 1
      byStandard[row.standard] = (byStandard[row.standard] ?? 0) + 1
    }
    return ok({ total: found.length, byStatus, byStandard, newSince: since !== null && scenario === 'new' ? 14 : 0 })
  },
  'batch.get': ({ batchId }) => {
    const row = batches.find(({ id }) => id === batchId)
    return row === undefined
      ? fail('not_found', 'This batch is not on this computer.', 'Go back to the queue.')
      : ok(fakeDetail(row))
  },
  'batch.claim': ({ batchIds }) => ok(each(batchIds, () => ({ status: 'under_review' }))),
  'decision.record': ({ batchIds, action }) =>
    ok(
      each(batchIds, (row) =>
        row.status !== 'under_review'
          ? 'The batch is not in review.'
          : action === 'approve' && batchIds.length > 1 && row.riskScore >= bulkApprovalRiskLimit
            ? `Risk ${String(row.riskScore)} is too high for approving together with others.`
            : { status: statusAfter[action] },
      ),
    ),
  'decision.undo': ({ mutationIds }) => {
    const changed: string[] = []
    const outcomes = mutationIds.flatMap((id): readonly DecisionOutcome[] => {
      const mutation = mutations.get(id)
      if (mutation === undefined) return []
      batches[mutation.row - 1] = mutation.before
      changed.push(mutation.before.id)
      return [{ batchId: mutation.before.id, mutationId: id as MutationId, refused: null }]
    })
    setTimeout(() => tell('batches.changed', { batchIds: changed }), 0)
    return ok(outcomes)
  },
  'grants.list': () =>
    ok(
      scenario === 'empty'
        ? []
        : [
            {
              id: crypto.randomUUID(),
              kind: 'accreditation',
              title: 'APRS, ARCS, PCX',
              detail: 'Sahel Accreditation Service, SAS-4471',
              validFrom: '2026-01-12T00:00:00.000Z',
              validUntil: '2028-01-12T00:00:00.000Z',
              state: 'in_force',
              revocationReason: null,
            },
            {
              id: crypto.randomUUID(),
              kind: 'independence',
              title: 'Rina Plastics Ltd',
              detail: 'No conflict of interest',
              validFrom: '2026-11-20T09:00:00.000Z',
              validUntil: '2027-11-20T09:00:00.000Z',
              state: 'unconfirmed',
              revocationReason: null,
            },
            {
              id: crypto.randomUUID(),
              kind: 'accreditation',
              title: 'AEMAS',
              detail: 'Sahel Accreditation Service, SAS-4102',
              validFrom: '2024-01-12T00:00:00.000Z',
              validUntil: '2026-05-03T00:00:00.000Z',
              state: 'revoked',
              revocationReason: 'Withdrawn by the accreditation body',
            },
          ],
    ),
  'signingKey.state': () =>
    ok(
      scenario === 'empty'
        ? {
            configured: false,
            subject: null,
            issuer: null,
            notBefore: null,
            notAfter: null,
            algorithm: null,
            problem: null,
          }
        : {
            configured: true,
            subject: 'Rina Hartono, Nusantara Assurance',
            issuer: 'Veridesk Demo Issuing CA',
            notBefore: '2026-01-01T00:00:00.000Z',
            notAfter: '2028-01-01T00:00:00.000Z',
            algorithm: 'RSA 3072, SHA-256',
            problem: null,
          },
    ),
  'certificate.verify': ({ fileName }) => ok(fakeReport(fileName.includes('changed') ? 'FORBIDDEN_CHANGE' : 'VALID')),
  'audit.list': ({ text, action, before, limit }) => {
    const found = audit.filter(
      (entry) =>
        (action === null || entry.action === action) &&
        `${entry.action} ${entry.entityLabel ?? ''} ${entry.actorName}`.toLowerCase().includes(text.toLowerCase()),
    )
    return ok({
      entries: found.filter(({ sequence }) => before === null || sequence < before).slice(0, limit),
      total: found.length,
    })
  },
  'audit.verify': async ({ from }) => {
    for (let step = 1; step <= 4; step += 1) {
      tell('audit.progressed', { checked: step * 460, total: 1840 })
      await new Promise((done) => setTimeout(done, 20))
    }
    return ok(
      scenario === 'tampered'
        ? {
            ok: false,
            checked: 911,
            head: null,
            firstBreak: {
              sequence: 912,
              expected: audit[100]?.hash ?? '',
              actual: audit[200]?.hash ?? '',
              message: 'The entry was changed after it was written.',
            },
          }
        : { ok: true, checked: from === null ? 1840 : 1, head: audit[0]?.hash ?? null, firstBreak: null },
    )
  },
  'report.decisions': ({ limit }) => {
    const rows = fakeRegister(batches)
    return ok({ rows: rows.slice(0, limit), total: rows.length })
  },
  'report.write': ({ format }) =>
    ok({
      path: `~/Documents/decisions-2026-10-01-2026-12-31.${format}`,
      fileName: `decisions-2026-10-01-2026-12-31.${format}`,
      rowCount: 824,
      sha256: (audit[0]?.hash ?? '') as Sha256,
      byteSize: 214_332,
      generatedAt: new Date(previewNow).toISOString(),
    }),
  'draft.get': ({ key }) => ok({ body: drafts.get(key) ?? null }),
  'draft.set': ({ key, body }) => {
    if (body === null) drafts.delete(key)
    else drafts.set(key, body)
    sessionStorage.setItem('drafts', JSON.stringify([...drafts]))
    return ok({ savedAt: new Date().toISOString() })
  },
  'settings.get': () => ok(settings),
  'settings.set': (next) => {
    settings = next
    return ok(settings)
  },
}

Object.defineProperty(window, 'veridesk', {
  value: Object.freeze({
    invoke: async (channel: ChannelName, request: never) => {
      const handler = handlers[channel] as ((input: never) => Result<unknown> | Promise<Result<unknown>>) | undefined
      if (handler === undefined) return fail('not_found', `The preview has no answer for ${channel}.`)
      if (scenario === 'slow' && channel === 'batch.ids') await new Promise(() => undefined)
      return structuredClone(await handler(request))
    },
    on: (event: EventName, listener: (payload: unknown) => void) => {
      const heard = listeners.get(event) ?? new Set()
      heard.add(listener)
      listeners.set(event, heard)
      return () => heard.delete(listener)
    },
  }),
})
