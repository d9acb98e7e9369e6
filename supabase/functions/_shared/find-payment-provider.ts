import type { FunctionEnvironment } from './database.ts'
import type { PaymentProvider, ProviderAnswer } from './payment-provider.ts'
import { createTestProvider } from './test-payment-provider.ts'

/** The provider that the environment names in PAYMENT_PROVIDER, or why there is none. */
export const findPaymentProvider = (environment: FunctionEnvironment): ProviderAnswer<PaymentProvider> => {
  const name = environment.PAYMENT_PROVIDER ?? ''
  if (name === 'test') return createTestProvider(environment)
  return {
    ok: false,
    code: 'payments_not_set_up',
    message: name === '' ? 'No payment provider is set up.' : `The payment provider ${name} is not known.`,
    action: 'Ask an administrator to set PAYMENT_PROVIDER.',
  }
}
