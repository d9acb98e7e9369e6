import { type DescribeArea, deniedToAll } from './area.ts'

/** Webhooks, what they were told, and the queue behind them. */
export const events: DescribeArea = () => ({
  tables: {
    webhooks: { label: 'name', rows: deniedToAll },
    webhook_deliveries: { label: 'event', rows: deniedToAll },
  },
  functions: {},
  writableColumns: {},
})
