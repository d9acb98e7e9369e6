import type { RequestOf } from '../../shared/contract/channels.ts'

/** The name that is offered for a register's file. */
export const registerFileName = ({ from, to, format }: RequestOf<'report.write'>): string =>
  `decisions-${from}-to-${to}.${format}`
