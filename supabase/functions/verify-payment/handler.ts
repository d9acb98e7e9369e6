import { readBearer } from '../_shared/caller.ts'
import { callRpc, type FunctionEnvironment, selectRows } from '../_shared/database.ts'
import { findPaymentProvider } from '../_shared/find-payment-provider.ts'
import type { PaymentProvider } from '../_shared/payment-provider.ts'
import { preflight, readObject, refuse, refuseBecause, respond } from '../_shared/respond.ts'

interface Settled {
  readonly transaction_id: string
  readonly payment_status: string
  readonly failure_reason: string | null
  readonly refund_due: boolean
}

interface PurchaseRow extends Settled {
  readonly reserved_until: string
}

const BODY_LIMIT = 16 * 1024
const columns = 'transaction_id,payment_status,failure_reason,refund_due,reserved_until'

const state = ({ transaction_id, payment_status, failure_reason, refund_due }: Settled, expired: boolean): Response =>
  respond({ success: true, transaction_id, payment_status, failure_reason, refund_due, expired })

/** The provider says what became of a payment. */
const takeCallback = async (
  environment: FunctionEnvironment,
  provider: PaymentProvider,
  headers: Headers,
  body: string,
): Promise<Response> => {
  const callback = await provider.verifyCallback(headers, body, Math.floor(Date.now() / 1000))
  if (!callback.ok)
    return refuse(callback.code === 'invalid_request' ? 400 : 401, callback.code, callback.message, callback.action)
  const settled = await callRpc<Settled>(
    environment,
    'settle_purchase',
    {
      p_transaction_id: callback.value.transactionId,
      p_payment_status: callback.value.paymentStatus,
      p_callback_signature: callback.value.digest,
    },
    'service',
  )
  return settled.ok ? state(settled.value, settled.value.failure_reason === 'expired') : refuseBecause(settled)
}

/** The queue asks for money to be given back that was taken for credits that were gone. */
const giveBack = async (
  environment: FunctionEnvironment,
  provider: PaymentProvider,
  transaction: string,
): Promise<Response> => {
  const found = await selectRows<PurchaseRow>(
    environment,
    'credit_purchases',
    `select=${columns}&transaction_id=eq.${encodeURIComponent(transaction)}`,
    'service',
  )
  if (!found.ok) return refuseBecause(found)
  const [purchase] = found.value
  if (purchase === undefined)
    return refuse(404, 'not_found', 'There is no purchase with this transaction.', 'Check the name of the transaction.')
  if (!purchase.refund_due) return state(purchase, false)
  const refunded = await provider.refund(transaction)
  if (!refunded.ok) return refuse(502, refunded.code, refunded.message, refunded.action)
  const settled = await callRpc<Settled>(
    environment,
    'settle_purchase',
    { p_transaction_id: transaction, p_payment_status: 'refunded' },
    'service',
  )
  return settled.ok ? state(settled.value, false) : refuseBecause(settled)
}

/** A buyer asks how a payment of theirs stands; what they believe themselves counts for nothing. */
const tellBuyer = async (
  environment: FunctionEnvironment,
  bearer: { readonly token: string },
  transaction: string,
): Promise<Response> => {
  const found = await selectRows<PurchaseRow>(
    environment,
    'credit_purchases',
    `select=${columns}&transaction_id=eq.${encodeURIComponent(transaction)}`,
    bearer,
  )
  if (!found.ok) return refuseBecause(found)
  const [purchase] = found.value
  if (purchase === undefined)
    return refuse(404, 'not_found', 'You have no purchase with this transaction.', 'Check the name of the transaction.')
  const lapsed = purchase.payment_status === 'pending' && Date.parse(purchase.reserved_until) <= Date.now()
  return state(purchase, lapsed || purchase.failure_reason === 'expired')
}

/**
 * `POST { transaction_id, payment_status }`. From the payment provider, with a signature over time and body: settles the
 * purchase, once. From a signed-in buyer: tells the state in the register and changes nothing. From the queue: gives
 * back what is due. Reachable without a user's token, since the provider has none.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  const provider = findPaymentProvider(environment)
  const isCallback = provider.ok && request.headers.has(provider.value.callbackHeader)
  const bearer = readBearer(request, environment)
  if (!provider.ok && bearer === null) return refuse(503, provider.code, provider.message, provider.action)
  if (!isCallback && bearer === null)
    return refuse(401, 'not_signed_in', 'Neither a provider nor a buyer asks.', 'Sign in, or sign the callback.')
  // The signature is over the text as it came, which the first copy no longer has once it is parsed.
  const copy = request.clone()
  const body = await readObject(request, BODY_LIMIT)
  if (body instanceof Response) {
    await copy.body?.cancel()
    return body
  }
  const text = await copy.text()
  const { transaction_id: transaction } = body
  if (!isCallback && (typeof transaction !== 'string' || transaction === ''))
    return refuse(400, 'invalid_request', 'The transaction is not named.', 'Send transaction_id.')
  if (!isCallback && bearer !== null && bearer !== 'service') return tellBuyer(environment, bearer, String(transaction))
  if (!provider.ok) return refuse(503, provider.code, provider.message, provider.action)
  return isCallback
    ? takeCallback(environment, provider.value, request.headers, text)
    : giveBack(environment, provider.value, String(transaction))
}
