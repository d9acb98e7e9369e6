import type { ProviderAnswer } from '../_shared/payment-provider.ts'

/** A request to buy credits that can be understood. Decimals are text with two places. */
export interface PaymentRequest {
  readonly buyerId: string
  readonly batchId: string
  readonly amount: string
  readonly pricePerCredit: string
  readonly paymentMethod: string
  readonly idempotencyKey: string
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const no = (code: string, message: string, action: string): ProviderAnswer<never> => ({
  ok: false,
  code,
  message,
  action,
})

/** A positive number or decimal text with at most two places as text with two; null for anything else, which is never rounded. */
const readDecimal = (value: unknown): string | null => {
  if (typeof value !== 'number' && typeof value !== 'string') return null
  const parts = /^0*(\d{1,8})(?:\.(\d{1,2}))?$/.exec(String(value))
  if (parts === null) return null
  const text = `${parts[1]}.${(parts[2] ?? '').padEnd(2, '0')}`
  return /[1-9]/.test(text) ? text : null
}

/** Reads the body of a request to buy credits, and the key that names its repetitions. */
export const readPaymentRequest = (
  body: Readonly<Record<string, unknown>>,
  key: string | null,
): ProviderAnswer<PaymentRequest> => {
  const { buyer_id: buyerId, batch_id: batchId, payment_method: paymentMethod } = body
  if (typeof buyerId !== 'string' || !uuid.test(buyerId) || typeof batchId !== 'string' || !uuid.test(batchId))
    return no('invalid_request', 'The buyer and the batch are not named by their ids.', 'Send buyer_id and batch_id.')
  const amount = readDecimal(body.amount)
  if (amount === null)
    return no('invalid_amount', 'The amount is not a positive number with at most two places.', 'Correct amount.')
  const pricePerCredit = readDecimal(body.price_per_credit)
  if (pricePerCredit === null)
    return no(
      'invalid_price',
      'The price is not a positive number with at most two places.',
      'Correct price_per_credit.',
    )
  if (typeof paymentMethod !== 'string' || !/^[A-Za-z0-9_-]{1,50}$/.test(paymentMethod))
    return no('invalid_request', 'The request names no method of payment.', 'Send payment_method.')
  if (key === null || !/^[!-~]{1,200}$/.test(key))
    return no(
      'idempotency_key_missing',
      'The request has no Idempotency-Key of 1 to 200 visible characters.',
      'Send one, the same for every repetition of this purchase.',
    )
  return { ok: true, value: { buyerId, batchId, amount, pricePerCredit, paymentMethod, idempotencyKey: key } }
}
