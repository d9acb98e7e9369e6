import type { FunctionEnvironment } from './database.ts'
import type { PaymentProvider, ProviderAnswer } from './payment-provider.ts'
import { checkMessage } from './signed-message.ts'

const CALLBACK_HEADER = 'payment-signature'

const LEAST_SECRET_LENGTH = 16

const reasons = {
  malformed: 'The callback has no signature that can be read.',
  wrong: 'The signature of the callback is wrong.',
  too_old: 'The callback was signed more than five minutes from now.',
} as const

const no = (code: string, message: string, action: string): ProviderAnswer<never> => ({
  ok: false,
  code,
  message,
  action,
})

const readBody = (text: string): { readonly transaction_id?: unknown; readonly payment_status?: unknown } => {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}

/**
 * A provider that moves no money, for development and tests: an order is paid by sending the callback that a provider
 * would send, signed with PAYMENT_CALLBACK_SECRET by `signMessage`. It does not exist where VERIDESK_ENVIRONMENT is
 * production.
 */
export const createTestProvider = (environment: FunctionEnvironment): ProviderAnswer<PaymentProvider> => {
  if (environment.VERIDESK_ENVIRONMENT === 'production')
    return no(
      'test_provider_in_production',
      'The test provider does not run in production.',
      'Ask an administrator to set another PAYMENT_PROVIDER.',
    )
  const secret = environment.PAYMENT_CALLBACK_SECRET ?? ''
  if (secret.length < LEAST_SECRET_LENGTH)
    return no(
      'payments_not_set_up',
      `PAYMENT_CALLBACK_SECRET has fewer than ${LEAST_SECRET_LENGTH} characters.`,
      'Ask an administrator to set it.',
    )
  const provider: PaymentProvider = {
    callbackHeader: CALLBACK_HEADER,
    createCheckout: async ({ purchaseId }) => ({
      ok: true,
      value: { transactionId: `test_${purchaseId}`, checkoutUrl: null },
    }),
    verifyCallback: async (headers, body, nowSeconds) => {
      const check = await checkMessage(secret, headers.get(CALLBACK_HEADER) ?? '', body, nowSeconds)
      if (!check.ok) return no(`signature_${check.why}`, reasons[check.why], 'Sign the callback again.')
      const { transaction_id: transactionId, payment_status: paymentStatus } = readBody(body)
      return typeof transactionId === 'string' && (paymentStatus === 'completed' || paymentStatus === 'failed')
        ? { ok: true, value: { transactionId, paymentStatus, digest: check.digest } }
        : no('invalid_request', 'The callback says nothing about a payment.', 'Send transaction_id and payment_status.')
    },
    refund: async () => ({ ok: true, value: null }),
  }
  return { ok: true, value: provider }
}
