import { grantStandings } from '../../electron/access-grants/grant-standing.ts'
import type { ChannelName, EventName } from '../../shared/contract/channel-names.ts'
import type { RequestOf, ResponseOf } from '../../shared/contract/channels.ts'
import type { BatchDetail, SigningKeyState } from '../../shared/contract/views.ts'
import type { DecisionAction } from '../../shared/domain/decision.ts'
import type { FindingRound } from '../../shared/domain/finding.ts'
import { decisionGates } from '../../shared/domain/gates.ts'
import { materiality } from '../../shared/domain/materiality.ts'
import type { Person } from '../../shared/domain/person.ts'
import { rubricScore } from '../../shared/domain/rubric-score.ts'
import { actionsOf } from '../../shared/domain/transitions.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { contentHash as hash, startingDetail } from './batch-detail.ts'
import type { PreviewDossier } from './batch-dossier.ts'
import { signedIn } from './fake-session.ts'
import { previewGrants } from './preview-grants.ts'

// The program behind one batch, with the real arithmetic and the real gates; scores, findings and decisions stay until the page goes.

declare global {
  interface Window {
    readonly previewDossier: PreviewDossier
  }
}

const { previewDossier: start } = window
const parameters = new URLSearchParams(location.search)
const auditor = parameters.get('scenario') !== 'desk'
const now = () => new Date().toISOString()
const id = <Id extends string>() => crypto.randomUUID() as unknown as Id

if (signedIn.kind !== 'signed_in') throw new Error('the preview is signed in')
const person: Person = {
  ...signedIn.person,
  ...(auditor ? { name: 'Amara Okafor', subRole: 'accredited_auditor' as const } : {}),
}
const session = { ...signedIn, person }

let signingKey: SigningKeyState =
  parameters.get('key') === 'none'
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
        subject: 'Amara Okafor, Sahel Assurance',
        issuer: 'Veridesk Demo Issuing CA',
        notBefore: '2026-01-01T00:00:00.000Z',
        notAfter: '2028-01-01T00:00:00.000Z',
        algorithm: 'RSA 3072, SHA-256',
        problem: null,
      }

const detail = startingDetail(start, person, auditor, parameters.get('stale') === 'yes')

const granted = previewGrants(detail.batch, parameters.get('grants') === 'ended', '2026-11-20T09:00:00.000Z')

/** What follows from the rows is computed as the program does. */
function current(): BatchDetail {
  const criteria = detail.rubric?.criteria ?? []
  const score = rubricScore(criteria, detail.scores)
  const gates = (action: DecisionAction) =>
    decisionGates({
      action,
      person,
      status: detail.status,
      assigned: true,
      recyclerId: detail.batch.recyclerId,
      recyclerOrganizationId: null,
      decisions: detail.decisions.filter(({ outboxState }) => outboxState !== 'undone'),
      findings: detail.findings,
      rubric: detail.rubric,
      score,
      evidence: detail.evidence.map((file) => ({
        id: file.id,
        title: file.title,
        viewed: file.viewedAt !== null,
        altered: file.presence === 'altered',
      })),
      riskScore: detail.batch.riskScore,
      batchCount: 1,
      stale: detail.stale,
      conflictPending: false,
      grants: granted.facts(),
    })
  return {
    ...detail,
    standings: grantStandings(auditor ? 'verify' : 'approve', granted.facts()),
    scoreHundredths: score.hundredths,
    unscoredCriteria: score.unscored,
    materiality: materiality(detail.findings, detail.batch.quantity, detail.batch.standard),
    actions: actionsOf(person).map((action) => ({ action, gates: gates(action) })),
  }
}

const drafts = new Map<string, string>(JSON.parse(sessionStorage.getItem('drafts') ?? '[]'))
if (!drafts.has('window.place')) drafts.set('window.place', JSON.stringify({ screen: 'batch', batchId: start.batchId }))

type Handlers = {
  readonly [Channel in ChannelName]?: (
    request: RequestOf<Channel>,
  ) => Result<ResponseOf<Channel>> | Promise<Result<ResponseOf<Channel>>>
}

const addRound = (
  findingId: string,
  kind: FindingRound['kind'],
  body: string,
  onBehalfOf: string | null,
  status: 'answered' | 'closed' | 'withdrawn',
) => {
  detail.findings = detail.findings.map((finding) =>
    finding.id === findingId
      ? {
          ...finding,
          status,
          rounds: [
            ...finding.rounds,
            {
              id: id(),
              findingId: finding.id,
              round: finding.rounds.length + 1,
              kind,
              authorId: person.id,
              onBehalfOf,
              body,
              createdAt: now(),
            },
          ],
        }
      : finding,
  )
  return ok(current())
}

const decide = (action: DecisionAction, to: BatchDetail['status'], reasonCode: string, reason: string) => {
  const decisionId = id<BatchDetail['decisions'][number]['id']>()
  detail.decisions = [
    ...detail.decisions,
    {
      id: decisionId,
      batchId: detail.batch.id,
      actorId: person.id,
      action,
      fromStatus: detail.status,
      toStatus: to,
      reasonCode,
      reason,
      score: current().scoreHundredths,
      rubricId: detail.rubric?.id ?? null,
      contentHash: detail.batch.contentHash,
      opinion: null,
      assuranceLevel: null,
      unviewedEvidenceCount: detail.evidence.filter(({ viewedAt }) => viewedAt === null).length,
      deviceId: id(),
      decidedAt: now(),
      receivedAt: null,
      version: 0,
      actorName: person.name,
      outboxState: 'held',
    },
  ]
  detail.status = to
  detail.syncMark = 'saved_here'
  return decisionId
}

const handlers: Handlers = {
  'session.state': () => ok(session),
  'settings.get': () =>
    ok({
      theme: parameters.get('theme') === 'dark' ? 'dark' : 'light',
      holdSeconds: 30,
      singleLetterKeys: true,
      density: 32,
    }),
  'draft.get': ({ key }) => ok({ body: drafts.get(key) ?? null }),
  'draft.set': ({ key, body }) => {
    if (body === null) drafts.delete(key)
    else drafts.set(key, body)
    sessionStorage.setItem('drafts', JSON.stringify([...drafts]))
    return ok({ savedAt: now() })
  },
  'batch.get': () =>
    parameters.get('scenario') === 'missing'
      ? fail('not_found', 'This batch is not on this computer.', 'Go back to the queue and let the workstation sync.')
      : ok(current()),
  'batch.ids': () => ok({ rows: new Uint32Array(), takenAt: now() }),
  'batch.rows': () => ok([]),
  'batch.facets': () => ok({ total: 0, byStatus: {}, byStandard: {}, newSince: 0 }),
  'storage.pin': ({ pinned }) => {
    detail.pinned = pinned
    return ok(current())
  },
  'evidence.open': ({ evidenceFileId }) => {
    const file = detail.evidence.find((candidate) => candidate.id === evidenceFileId)
    if (file === undefined) return fail('not_found', 'This file is not part of the batch any more.')
    if (file.presence === 'absent')
      return fail(
        'offline',
        'This file is not on this computer, and there is no network to bring it.',
        'Go on with other files; it comes by itself once there is a network.',
      )
    return ok({ url: `evidence/${file.id}`, mediaType: file.mediaType, byteSize: file.byteSize, sha256: file.sha256 })
  },
  'evidence.markViewed': ({ evidenceFileId }) => {
    const viewedAt = now()
    detail.evidence = detail.evidence.map((file) => (file.id === evidenceFileId ? { ...file, viewedAt } : file))
    return ok({ viewedAt })
  },
  'evidence.table': ({ evidenceFileId }) => {
    const table = start.files.find((file) => file.id === evidenceFileId)?.table
    return table ? ok(table) : fail('file_unreadable', 'The table cannot be read.', 'Raise a finding for this file.')
  },
  'evidence.photoFacts': ({ evidenceFileId }) => {
    const photo = start.files.find((file) => file.id === evidenceFileId)?.photo
    return photo ? ok(photo) : fail('file_unreadable', 'The photo says nothing about itself.', 'Look at it as it is.')
  },
  'score.set': ({ criterionCode, points, notApplicableReason, note, evidenceFileIds }) => {
    detail.scores = [
      ...detail.scores.filter((score) => score.criterionCode !== criterionCode),
      {
        id: id(),
        batchId: detail.batch.id,
        verifierId: person.id,
        rubricId: start.rubric.id,
        criterionCode,
        points,
        notApplicableReason,
        note,
        evidenceFileIds: evidenceFileIds as unknown as BatchDetail['scores'][number]['evidenceFileIds'],
        updatedAt: now(),
        version: 1,
      },
    ]
    return ok(current())
  },
  'independence.declare': ({ declaration }) => {
    granted.declare(declaration)
    return ok(current())
  },
  'finding.raise': (request) => {
    const findingId = id<BatchDetail['findings'][number]['id']>()
    detail.findings = [
      ...detail.findings,
      {
        ...request,
        id: findingId,
        batchId: detail.batch.id,
        evidenceFileId: request.evidenceFileId as BatchDetail['findings'][number]['evidenceFileId'],
        status: 'open',
        raisedBy: person.id,
        raisedAt: now(),
        rounds: [
          {
            id: id(),
            findingId,
            round: 1,
            kind: 'raised',
            authorId: person.id,
            onBehalfOf: null,
            body: request.description,
            createdAt: now(),
          },
        ],
        version: 1,
      },
    ]
    return ok(current())
  },
  'finding.respond': ({ findingId, body, onBehalfOf }) => addRound(findingId, 'response', body, onBehalfOf, 'answered'),
  'finding.close': ({ findingId, body }) => addRound(findingId, 'review', body, null, 'closed'),
  'finding.withdraw': ({ findingId, body }) => addRound(findingId, 'review', body, null, 'withdrawn'),
  'decision.record': ({ action, reasonCode, reason }) => {
    const to = ({ approve: 'approved', reject: 'rejected', request_changes: 'changes_requested' } as const)[action]
    decide(action, to, reasonCode, reason)
    return ok([{ batchId: detail.batch.id, mutationId: id(), refused: null }])
  },
  'decision.undo': () => {
    const last = detail.decisions.at(-1)
    if (last === undefined) return fail('not_found', 'There is nothing to undo.')
    detail.decisions = detail.decisions.with(-1, { ...last, outboxState: 'undone' })
    detail.status = last.fromStatus
    return ok([{ batchId: detail.batch.id, mutationId: id(), refused: null }])
  },
  'signingKey.state': () => ok(signingKey),
  'signingKey.import': ({ passphrase }) => {
    if (passphrase === 'wrong')
      return fail(
        'signing_key_wrong_passphrase',
        'This is not the passphrase of the file.',
        'Try again; capitals count.',
      )
    signingKey = { ...signingKey, configured: true, subject: 'Amara Okafor, Sahel Assurance', issuer: 'Demo CA' }
    return ok(signingKey)
  },
  'certificate.preview': () =>
    ok({
      url: 'evidence/certificate',
      mediaType: 'application/pdf',
      byteSize: start.certificateSize,
      sha256: hash as BatchDetail['batch']['contentHash'],
    }),
  'certificate.open': () =>
    ok({
      url: 'evidence/certificate',
      mediaType: 'application/pdf',
      byteSize: start.certificateSize,
      sha256: hash as BatchDetail['batch']['contentHash'],
    }),
  'certificate.save': () => ok({ path: '~/Documents/VD-APRS-2026-1F2E3D4C5B.pdf' }),
  'certificate.sign': ({ passphrase, statement }) => {
    if (passphrase !== 'demo')
      return fail(
        'signing_key_wrong_passphrase',
        'This is not the passphrase of the key.',
        'Try again; capitals count.',
      )
    const decisionId = decide('verify', 'verified', 'verified', 'Verified, certificate signed')
    const certificateId = id<BatchDetail['certificates'][number]['id']>()
    const number = `VD-${detail.batch.standard}-2026-1F2E3D4C5B`
    detail.certificates = [
      {
        id: certificateId,
        batchId: detail.batch.id,
        decisionId,
        number,
        opinion: statement.opinion,
        assuranceLevel: statement.assuranceLevel,
        contentHash: detail.batch.contentHash,
        sha256: hash as BatchDetail['batch']['contentHash'],
        byteRangeDigest: hash as BatchDetail['batch']['contentHash'],
        byteSize: start.certificateSize,
        signerId: person.id,
        signerSubject: 'Amara Okafor, Sahel Assurance',
        signatureLevel: 'B-B',
        claimedAt: now(),
        receivedAt: null,
        version: 0,
        outboxState: 'queued',
      },
    ]
    return ok({ certificateId, number, detail: current() })
  },
}

Object.defineProperty(window, 'veridesk', {
  value: Object.freeze({
    invoke: async (channel: ChannelName, request: never) => {
      const handler = handlers[channel] as ((input: never) => Result<unknown> | Promise<Result<unknown>>) | undefined
      if (handler === undefined) return fail('not_found', `The preview has no answer for ${channel}.`)
      return structuredClone(await handler(request))
    },
    on: (_event: EventName) => () => undefined,
  }),
})
