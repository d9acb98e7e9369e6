import type { CloudFixture } from '../../electron/sync/testing/cloud-fixture.ts'
import { type CloudBackup, takeCloudBackup } from './cloud-backup.ts'
import type { Step } from './schedule.ts'
import { type OracleClient, oracleClients, type World } from './world.ts'

/** A step of the cloud's side: what somebody else, or an operator, does there. */
export type CloudStep = Exclude<Step, { readonly kind: ClientKind }>
type ClientKind = 'score' | 'find' | 'claim' | 'decide' | 'undo' | 'sync' | 'kill' | 'jump_clock' | 'older_program'

/** The cloud's side of one schedule. */
export interface CloudSide {
  readonly take: (step: CloudStep) => Promise<void>
  /** Local changes that the cloud had applied and does not know any more, since it was restored. */
  readonly takenBack: () => ReadonlySet<string>
  /** Lets everybody back in, so that the end can be looked at. */
  readonly reinstateAll: () => Promise<void>
  readonly end: () => Promise<void>
}

/** Makes the cloud's side. Steps go the way that an administrator's do, in SQL. */
export function openCloudSide(cloud: CloudFixture, world: World): CloudSide {
  const { owner } = cloud
  const takenBack = new Set<string>()
  let backup: CloudBackup | null = null
  const clientOf = (step: { readonly client: number }): OracleClient => {
    const client = oracleClients[step.client]
    if (client === undefined) throw new Error(`There is no client ${step.client}`)
    return client
  }
  const setActive = (ids: readonly string[], active: boolean) =>
    owner.query('update public.users set active = $2 where id = any ($1)', [ids, active])

  return {
    takenBack: () => takenBack,
    async reinstateAll() {
      await setActive(
        oracleClients.map(({ id }) => id),
        true,
      )
    },
    async end() {
      await backup?.drop()
    },
    async take(step) {
      switch (step.kind) {
        case 'edit_batch':
          await owner.query('update public.batches set risk_score = $2 where id = $1', [
            world.batch(step.batch),
            step.risk,
          ])
          return
        case 'rename_project':
          await owner.query('update public.projects set name = $2 where id = $1', [world.project, step.name])
          return
        case 'assign': {
          const { id, subRole } = clientOf(step)
          // The cloud refuses to assign somebody who is suspended.
          await owner
            .query('select public.assign_batches($1, $2, $3)', [[world.batch(step.batch)], id, subRole])
            .catch((error: Error & { code?: string }) => {
              if (error.code !== 'PT422') throw error
            })
          return
        }
        case 'unassign':
          await owner.query('select public.end_assignments($1, $2)', [[world.batch(step.batch)], clientOf(step).id])
          return
        case 'suspend':
        case 'reinstate':
          await setActive([clientOf(step).id], step.kind === 'reinstate')
          return
        case 'take_permission':
        case 'give_permission':
          await owner.query(
            'update public.role_permissions set revoked_at = case when $3 then now() end where permission = $1 and sub_role = $2',
            [step.permission, step.subRole, step.kind === 'take_permission'],
          )
          return
        case 'open_register':
          await owner.query(
            `insert into public.user_grants (user_id, grant_name) values ($1, 'compliance')
             on conflict (user_id, grant_name) where revoked_at is null do nothing`,
            [clientOf(step).id],
          )
          return
        case 'close_register':
          await owner.query(
            'update public.user_grants set revoked_at = now() where user_id = $1 and revoked_at is null',
            [clientOf(step).id],
          )
          return
        case 'new_epoch':
          await owner.query('update public.server_state set server_epoch = gen_random_uuid()')
          return
        case 'take_backup':
          await backup?.drop()
          backup = await takeCloudBackup(cloud)
          return
        case 'restore_backup':
          for (const mutationId of (await backup?.restore()) ?? []) takenBack.add(mutationId)
          return
        default:
          step satisfies never
      }
    },
  }
}
