import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { addPerson, addProject, type Session } from './support.ts'

/** A purchase as the functions answer it. */
export interface Purchase {
  readonly id: string
  readonly buyer_id: string
  readonly batch_id: string
  readonly amount: string
  readonly price_per_credit: string
  readonly total_amount: string
  readonly payment_status: 'pending' | 'completed' | 'failed' | 'refunded'
  readonly transaction_id: string | null
  readonly expired: boolean
  readonly failure_reason: string | null
  readonly refund_due: boolean
  readonly repeated?: boolean
}

/** A retirement as the functions answer it. */
export interface Retirement {
  readonly id: string
  readonly certificate_id: string
  readonly plastic_credits_retired: string
  readonly carbon_credits_retired: string
  readonly certificate_url: string | null
  readonly batch_status: string
  readonly repeated: boolean
}

/** Makes a verified batch of a new project with a price, and answers with the ids. */
export const addOffer = async (
  owner: pg.Client,
  offer: {
    readonly plastic?: string
    readonly carbon?: string
    readonly price?: string | null
    readonly status?: string
    readonly recycler?: string
    readonly project?: string
  } = {},
): Promise<{ batch: string; project: string; recycler: string }> => {
  const recycler = offer.recycler ?? (await addPerson(owner, { role: 'recycler' }))
  const project = offer.project ?? (await addProject(owner, recycler))
  await owner.query('update public.projects set credit_price = $2 where id = $1', [
    project,
    offer.price === undefined ? '12.50' : offer.price,
  ])
  const { rows } = await owner.query<{ id: string }>(
    `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted, status,
       calculated_plastic_credits, calculated_carbon_credits)
     values ($1, $2, 'APRS', 10, 'Mombasa', date '2026-03-01', $3, $4, $5) returning id`,
    [recycler, project, offer.status ?? 'verified', offer.plastic ?? '10.00', offer.carbon ?? '0.00'],
  )
  return { batch: rows[0]?.id ?? '', project, recycler }
}

/** Lets a buyer of a test ask as often as it likes. */
export const allowManyPurchases = async (owner: pg.Client): Promise<void> => {
  await owner.query(
    `update public.rate_limits set max_requests = 100000 where endpoint in ('create_purchase', 'retire_credits')`,
  )
}

/** Asks to buy credits; a new key unless one is given. */
export const buy = (
  session: Session,
  batch: string,
  amount: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Purchase> =>
  session.call('create_purchase', {
    p_batch: batch,
    p_amount: amount,
    p_payment_method: 'card',
    p_idempotency_key: randomUUID(),
    ...changes,
  })

/** Asks to retire credits; a new key unless one is given. */
export const retire = (
  session: Session,
  batch: string,
  plastic: string,
  carbon = '0',
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Retirement> =>
  session.call('retire_credits', {
    p_batch: batch,
    p_plastic: plastic,
    p_carbon: carbon,
    p_reason: 'Packaging of 2026',
    p_idempotency_key: randomUUID(),
    ...changes,
  })

/** Names the transaction of a purchase and settles it as the service does. */
export const settle = async (
  service: Session,
  purchase: { readonly id: string },
  status: string,
): Promise<Purchase> => {
  await service.call('name_transaction', { p_purchase: purchase.id, p_transaction_id: `t-${purchase.id}` })
  return service.call('settle_purchase', { p_transaction_id: `t-${purchase.id}`, p_payment_status: status })
}

/** Buys and pays. */
export const buyAndPay = async (session: Session, service: Session, batch: string, amount: string): Promise<Purchase> =>
  settle(service, await buy(session, batch, amount), 'completed')

/** The machine code that a call was refused with; `done` where it was not. */
export const refusalOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
    return 'done'
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    return String(error.code).startsWith('PT') && 'detail' in error ? String(error.detail) : String(error.code)
  }
}
