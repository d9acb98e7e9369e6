import { readBearer } from '../_shared/caller.ts'
import { callRpc, type FunctionEnvironment } from '../_shared/database.ts'
import { findPaymentProvider } from '../_shared/find-payment-provider.ts'
import { preflight, readObject, refuse, refuseBecause, respond } from '../_shared/respond.ts'
import { readPaymentRequest } from './payment-request.ts'
import { subjectOf } from './token-subject.ts'

interface Purchase {
  readonly id: string
  readonly buyer_id: string
  readonly amount: string
  readonly price_per_credit: string
  readonly total_amount: string
  readonly payment_status: string
  readonly payment_method: string
  readonly transaction_id: string | null
  readonly reserved_until: string
  readonly expired: boolean
  readonly failure_reason: string | null
  readonly repeated: boolean
}

const answer = (purchase: Purchase, transactionId: string | null, checkoutUrl: string | null): Response =>
  respond(
    {
      success: true,
      purchase_id: purchase.id,
      transaction_id: transactionId,
      payment_status: purchase.payment_status,
      amount: purchase.amount,
      price_per_credit: purchase.price_per_credit,
      total_amount: purchase.total_amount,
      reserved_until: purchase.reserved_until,
      checkout_url: checkoutUrl,
    },
    purchase.repeated ? 200 : 201,
  )

/**
 * `POST { buyer_id, batch_id, amount, price_per_credit, payment_method }` with an `Idempotency-Key`: reserves credits of
 * a verified batch for the signed-in buyer, at the price that the buyer was shown, and begins their payment. The same
 * key again answers with the same purchase, also where the first call broke off half way.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  const bearer = readBearer(request, environment)
  if (bearer === null || bearer === 'service')
    return refuse(401, 'not_signed_in', 'Credits are bought by a buyer who is signed in.', 'Sign in and try again.')
  const body = await readObject(request)
  if (body instanceof Response) return body
  const read = readPaymentRequest(body, request.headers.get('idempotency-key'))
  if (!read.ok) return refuse(400, read.code, read.message, read.action)
  const wanted = read.value
  // Only for a clear answer: whose token it is, and whether it is genuine, the database decides itself.
  if (subjectOf(bearer.token) !== wanted.buyerId)
    return refuse(403, 'not_your_account', 'Another account is named as the buyer.', 'Buy with your own account.')
  const provider = findPaymentProvider(environment)
  if (!provider.ok) return refuse(503, provider.code, provider.message, provider.action)

  const made = await callRpc<Purchase>(
    environment,
    'create_purchase',
    {
      p_batch: wanted.batchId,
      p_amount: wanted.amount,
      p_payment_method: wanted.paymentMethod,
      p_idempotency_key: wanted.idempotencyKey,
      p_expected_price: wanted.pricePerCredit,
    },
    bearer,
  )
  if (!made.ok) return refuseBecause(made)
  const purchase = made.value
  if (purchase.expired || purchase.failure_reason === 'expired')
    return refuse(
      409,
      'purchase_expired',
      'The reservation of this purchase ended before it was paid.',
      'Buy again with a new Idempotency-Key.',
    )
  if (purchase.payment_status !== 'pending') return answer(purchase, purchase.transaction_id, null)
  const checkout = await provider.value.createCheckout({
    purchaseId: purchase.id,
    buyerId: purchase.buyer_id,
    totalAmount: purchase.total_amount,
    paymentMethod: purchase.payment_method,
    payUntil: purchase.reserved_until,
  })
  if (!checkout.ok) return refuse(502, checkout.code, checkout.message, checkout.action)
  const named = await callRpc<{ readonly transaction_id: string }>(
    environment,
    'name_transaction',
    { p_purchase: purchase.id, p_transaction_id: checkout.value.transactionId },
    'service',
  )
  if (!named.ok) return refuseBecause(named)
  return answer(purchase, named.value.transaction_id, checkout.value.checkoutUrl)
}
