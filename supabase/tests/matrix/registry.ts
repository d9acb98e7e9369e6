import { randomUUID } from 'node:crypto'
import { type DescribeArea, endings, readings, serviceOnly } from './area.ts'

const everything = ['mine', 'pool', 'settled', 'sold', 'theirs']

/** What is bought and retired. */
export const registry: DescribeArea = (world) => {
  const traded = readings({ recycler: ['sold'], buyer: ['sold'], compliance: ['sold'], admin: ['sold'] })
  return {
    tables: {
      credit_purchases: { label: 'distinct batch_id', rows: traded },
      credit_retirements: { label: 'distinct batch_id', rows: traded },
      batch_summary_view: {
        label: 'id',
        rows: readings({
          recycler: ['mine', 'pool', 'sold'],
          buyer: ['sold'],
          field_agent: ['mine'],
          desk_verifier: ['mine', 'pool'],
          auditor: ['pool', 'theirs'],
          other_organization: ['pool'],
          compliance: everything,
          admin: everything,
        }),
      },
    },
    functions: {
      credit_offer: {
        parameters: () => ({ p_batch: world.sold.batch }),
        ends: endings('not_found', {
          recycler: 'ok',
          buyer: 'ok',
          compliance: 'ok',
          admin: 'ok',
          service: 'not_signed_in',
        }),
      },
      create_purchase: {
        parameters: () => ({
          p_batch: world.sold.batch,
          p_amount: '0.10',
          p_payment_method: 'card',
          p_idempotency_key: randomUUID(),
        }),
        ends: endings('not_allowed', { buyer: 'ok', service: 'not_signed_in' }),
      },
      retire_credits: {
        parameters: () => ({
          p_batch: world.sold.batch,
          p_plastic: '0.10',
          p_carbon: '0',
          p_reason: null,
          p_idempotency_key: randomUUID(),
        }),
        ends: endings('not_allowed', { buyer: 'ok', service: 'not_signed_in' }),
      },
      retirement_facts: {
        parameters: () => ({ p_certificate_id: world.sold.certificate }),
        ends: endings('not_found', { buyer: 'ok', pending: 'not_found', suspended: 'not_found', service: 'ok' }),
      },
      change_credit_rule: {
        parameters: () => ({ p_standard: 'PCX', p_plastic_per_unit: 1, p_carbon_per_unit: 0 }),
        ends: endings('not_allowed', { admin: 'ok', service: 'ok' }),
      },
      name_transaction: {
        parameters: () => ({ p_purchase: randomUUID(), p_transaction_id: 'x' }),
        ends: serviceOnly('not_found'),
      },
      settle_purchase: {
        parameters: () => ({ p_transaction_id: 'unknown', p_payment_status: 'completed' }),
        ends: serviceOnly('not_found'),
      },
      expire_purchases: { parameters: () => ({}), ends: serviceOnly('ok') },
      name_certificate: {
        parameters: () => ({ p_retirement: randomUUID(), p_certificate_url: '/x.pdf' }),
        ends: serviceOnly('not_found'),
      },
    },
    writableColumns: {},
  }
}
