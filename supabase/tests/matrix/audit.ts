import { type DescribeArea, endings, readings, serviceOnly } from './area.ts'

/** The audit trail's chain, its personal values and what checks it; audit_logs itself is among the accounts. */
export const audit: DescribeArea = () => {
  const readers = (row: string) => readings({ compliance: [row], admin: [row] })
  const ends = endings('not_allowed', { compliance: 'ok', admin: 'ok', service: 'ok' })
  return {
    tables: {
      audit_seals: { label: `distinct 'seals'`, rows: readers('seals') },
      audit_values: { label: `distinct 'values'`, rows: readers('values') },
      audit_entries: { label: `distinct 'entries'`, rows: readers('entries') },
      audit_anchors: { label: `distinct 'anchors'`, rows: readers('anchors') },
    },
    functions: {
      verify_audit_chain: { parameters: () => ({}), ends },
      audit_anchor_list: { parameters: () => ({}), ends },
      prove_audit_anchor: { parameters: () => ({ p_anchor: {} }), ends },
      maintain_audit_log: { parameters: () => ({}), ends: serviceOnly('ok') },
    },
    writableColumns: {},
  }
}
