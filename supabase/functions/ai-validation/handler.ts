import { readBearer } from '../_shared/caller.ts'
import { type Bearer, type CloudAnswer, callRpc, type FunctionEnvironment } from '../_shared/database.ts'
import { preflight, readObject, refuse, refuseBecause, respond } from '../_shared/respond.ts'
import { type BatchData, readBatchData } from './batch-data.ts'
import { askModel, type ModelRemarks } from './model.ts'
import { type BrokenRule, checkRules, confidenceOf, isDate, type RegisterFacts } from './rules.ts'

/** What the function answers in `result`. */
export interface ValidationResult {
  /** By the rules alone. */
  readonly flagged: boolean
  /** By the rules alone: 0.05 to 1, in hundredths. */
  readonly confidence: number
  /** `rule: sentence` for every rule that does not hold, then `model: sentence` for what a model remarks. */
  readonly issues: readonly string[]
  readonly summary: string
  readonly recommendations: readonly string[]
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

const summaryOf = (rules: readonly BrokenRule[], model: 'not asked' | ModelRemarks | null): string => {
  const flags = rules.filter((rule) => rule.flags).length
  const said =
    rules.length === 0
      ? 'All rules hold.'
      : `${rules.length} ${rules.length === 1 ? 'rule does' : 'rules do'} not hold, ${flags} of them a reason to look closer.`
  if (model === 'not asked') return said
  return model === null ? `${said} The model did not answer.` : `${said} Model: ${model.summary}`
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

/** Facts under the caller's rights; where the date cannot be one, the database is not asked about it. */
const readFacts = (
  data: BatchData,
  batch: string | null,
  environment: FunctionEnvironment,
  bearer: Bearer,
): Promise<CloudAnswer<RegisterFacts>> => {
  return callRpc<RegisterFacts>(
    environment,
    'ai_validation_facts',
    {
      p_facts: {
        tons_or_kwh: data.tons_or_kwh,
        location: data.location.replaceAll('\u0000', ''),
        date_submitted: isDate(data.date_submitted) ? data.date_submitted : null,
      },
      p_batch: batch,
    },
    bearer,
  )
}

const readBatch = async (batch: string, environment: FunctionEnvironment): Promise<BatchData | Response> => {
  const found = await callRpc<unknown>(environment, 'ai_validation_batch', { p_batch: batch }, 'service')
  if (!found.ok) return refuseBecause(found)
  if (found.value === null) return refuse(404, 'not_found', 'There is no such batch.', 'Check batch_id.')
  const data = readBatchData(found.value)
  return typeof data === 'string' ? refuse(500, 'internal', data, 'Tell support.') : data
}

/**
 * Checks a batch before anybody works on it: `{batch_data, api_key?}`, and `batch_id` where the batch is in the register already.
 * Rules with names decide, always the same; a language model, asked only with an `api_key`, adds remarks and can fail without
 * harm. With the service key, `batch_id` alone is enough and the result is kept on the batch.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  const bearer = readBearer(request, environment)
  if (bearer === null) return refuse(401, 'not_signed_in', 'Nobody is signed in.', 'Sign in again.')
  const body = await readObject(request)
  if (body instanceof Response) return body
  const { batch_data: given, batch_id: batchId = null, api_key: apiKey = null } = body
  if (batchId !== null && (typeof batchId !== 'string' || !UUID.test(batchId)))
    return refuse(400, 'invalid_request', 'batch_id is not an id.', 'Leave it out, or send the id of a batch.')
  if (apiKey !== null && typeof apiKey !== 'string')
    return refuse(400, 'invalid_request', 'api_key is not a text.', 'Leave it out, or send the key of your provider.')
  const data =
    given === undefined && bearer === 'service' && batchId !== null
      ? await readBatch(batchId, environment)
      : readBatchData(given)
  if (data instanceof Response) return data
  if (typeof data === 'string')
    return refuse(400, 'invalid_request', data, 'Send standard, tons_or_kwh, location and date_submitted.')

  const facts = await readFacts(data, batchId, environment, bearer)
  if (!facts.ok) return refuseBecause(facts)
  const rules = checkRules(data, facts.value)
  const remarks = apiKey === null || apiKey === '' ? 'not asked' : await askModel(data, apiKey, environment)
  const added = remarks === 'not asked' || remarks === null ? null : remarks
  const result: ValidationResult = {
    flagged: rules.some((rule) => rule.flags),
    confidence: confidenceOf(rules),
    issues: [
      ...rules.map(({ rule, sentence }) => `${rule}: ${sentence}`),
      ...(added?.issues ?? []).map((issue) => `model: ${issue}`),
    ],
    summary: summaryOf(rules, remarks),
    recommendations: unique([
      ...rules.map(({ recommendation }) => recommendation),
      ...(added?.recommendations ?? []).map((recommendation) => `model: ${recommendation}`),
    ]),
  }
  if (bearer === 'service' && batchId !== null) {
    const stored = await callRpc(environment, 'store_ai_validation', { p_batch: batchId, p_result: result }, 'service')
    if (!stored.ok) return refuseBecause(stored)
  }
  return respond({ success: true, result })
}
