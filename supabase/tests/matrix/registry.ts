import { type DescribeArea, deniedToAll } from './area.ts'

/** What is bought and retired. */
export const registry: DescribeArea = () => ({
  tables: {
    credit_purchases: { label: 'batch_id', rows: deniedToAll },
    credit_retirements: { label: 'batch_id', rows: deniedToAll },
    batch_summary_view: { label: 'id', rows: deniedToAll },
  },
  functions: {},
  writableColumns: {},
})
