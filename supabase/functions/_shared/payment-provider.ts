/** What is to be paid for. Decimals are text with two places. */
export interface Order {
  readonly purchaseId: string
  readonly buyerId: string
  readonly totalAmount: string
  readonly paymentMethod: string
  /** When the reservation of the credits ends. */
  readonly payUntil: string
}

/** Where and as what an order is paid. */
export interface Checkout {
  /** The provider's name of the payment; the same order gets the same one however often it is asked for. */
  readonly transactionId: string
  /** Where the buyer pays; null where there is nothing to visit. */
  readonly checkoutUrl: string | null
}

/** What a provider says in a callback whose signature is right. */
export interface Callback {
  readonly transactionId: string
  readonly paymentStatus: 'completed' | 'failed'
  /** Names this one callback, so that it is not acted on twice. */
  readonly digest: string
}

/** Something that a provider did, or why not; `code` is for programs. */
export type ProviderAnswer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly action: string }

/** Who takes the money. An adapter talks to one provider and knows nothing of credits. */
export interface PaymentProvider {
  /** The header by which a request is known as a callback. */
  readonly callbackHeader: string
  createCheckout(order: Order): Promise<ProviderAnswer<Checkout>>
  /** Checks who sent a callback and when. `body` is the text exactly as it came. */
  verifyCallback(headers: Headers, body: string, nowSeconds: number): Promise<ProviderAnswer<Callback>>
  /** Gives back what was paid; doing it twice gives it back once. */
  refund(transactionId: string): Promise<ProviderAnswer<null>>
}
