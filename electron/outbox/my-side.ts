import { statusAfter } from '../../shared/domain/transitions.ts'
import type { MutationDto, MutationPayload } from '../../shared/wire/sync.ts'
import type { Side } from './cloud-side.ts'

/** The row as a change makes it: what it is based on, with what the change says on top, in the names of the cloud. */
export function mySide(body: MutationDto, base: Side | null, personId: string): Side {
  return { ...base, version: body.base_version === 0 ? null : body.base_version, actor_id: personId, ...saidBy(body) }
}

/** What a change itself says, read from its frozen body. */
function saidBy(body: MutationDto): Side {
  switch (body.kind) {
    case 'decision.record': {
      const { action, reason, score, opinion, assurance_level } = body.payload as MutationPayload<'decision.record'>
      return {
        action,
        reason,
        opinion,
        assurance_level,
        status: statusAfter(action),
        ...(score === null ? {} : { verification_score: score }),
        content_hash: body.content_hash,
        decided_at: body.occurred_at,
      }
    }
    case 'batch.claim':
      return { status: statusAfter('claim'), assigned_at: body.occurred_at }
    case 'certificate.issue': {
      const { certificate_number, opinion, assurance_level, sha256, claimed_at } =
        body.payload as MutationPayload<'certificate.issue'>
      const stated = { certificate_number, opinion, assurance_level, sha256, claimed_at }
      return { ...stated, content_hash: body.content_hash }
    }
    case 'score.set': {
      const { criterion_code, points, not_applicable_reason, note, evidence_ids } =
        body.payload as MutationPayload<'score.set'>
      return { criterion_code, points, not_applicable_reason, note, evidence_ids, updated_at: body.occurred_at }
    }
    case 'finding.raise': {
      const { kind, title, description, criterion_code, due_at, misstatement } =
        body.payload as MutationPayload<'finding.raise'>
      const said = { kind, title, description, criterion_code, due_at, misstatement }
      return { ...said, status: 'open', round: 1, body: description, updated_at: body.occurred_at }
    }
    case 'finding.respond': {
      const said = body.payload as MutationPayload<'finding.respond'>
      return { ...step(body), status: 'answered', on_behalf_of: said.on_behalf_of }
    }
    case 'finding.close':
      return { ...step(body), status: 'closed', on_behalf_of: null }
    case 'finding.withdraw':
      return { ...step(body), status: 'withdrawn', on_behalf_of: null }
    case 'independence.declare': {
      const { declaration, statement } = body.payload as MutationPayload<'independence.declare'>
      return { declaration, statement, decided_at: body.occurred_at }
    }
  }
}

const step = ({ payload, occurred_at }: MutationDto): Side => ({ body: payload.body, updated_at: occurred_at })
