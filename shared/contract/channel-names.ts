/** The name of every channel, apart from its schema, so that the preload carries names only. */
export const channelNames = [
  'app.info',
  'session.state',
  'session.testCloud',
  'session.readOrganizationFile',
  'session.signIn',
  'session.unlock',
  'session.renew',
  'session.signOut',
  'sync.state',
  'sync.now',
  'sync.cancel',
  'sync.setOffline',
  'outbox.list',
  'outbox.resolve',
  'handover.outlook',
  'handover.write',
  'handover.open',
  'handover.submit',
  'batch.ids',
  'batch.rows',
  'batch.facets',
  'batch.get',
  'batch.claim',
  'evidence.open',
  'evidence.markViewed',
  'evidence.photoFacts',
  'evidence.table',
  'score.set',
  'finding.raise',
  'finding.respond',
  'finding.close',
  'finding.withdraw',
  'decision.record',
  'decision.undo',
  'signingKey.state',
  'signingKey.import',
  'signingKey.remove',
  'certificate.preview',
  'certificate.sign',
  'certificate.open',
  'certificate.save',
  'certificate.verify',
  'grants.list',
  'independence.declare',
  'audit.list',
  'audit.verify',
  'report.decisions',
  'report.write',
  'draft.get',
  'draft.set',
  'settings.get',
  'settings.set',
] as const

/** The name of a channel, `noun.verb`. */
export type ChannelName = (typeof channelNames)[number]

/** What the program tells the window, in the past tense. A view that is concerned asks again. */
export const eventNames = ['session.changed', 'sync.changed', 'batches.changed', 'audit.progressed'] as const

/** The name of an event. */
export type EventName = (typeof eventNames)[number]
