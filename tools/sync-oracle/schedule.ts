/** What goes wrong on the way while a client synchronizes. */
export const networks = ['good', 'cut', 'lossy', 'garbled', 'busy', 'slow', 'half_open'] as const
export type Network = (typeof networks)[number]

/** Permissions whose loss stops work of the schedules. */
const permissions = ['batch.claim', 'score.set', 'finding.raise', 'decision.reject'] as const
const subRoles = ['desk_verifier', 'accredited_auditor'] as const

/** One thing that happens. Numbers name clients, batches and projects of the schedule's own world. */
export type Step =
  | { readonly kind: 'edit_batch'; readonly batch: number; readonly risk: number }
  | { readonly kind: 'rename_project'; readonly name: string }
  | { readonly kind: 'assign' | 'unassign'; readonly client: number; readonly batch: number }
  | { readonly kind: 'suspend' | 'reinstate'; readonly client: number }
  | {
      readonly kind: 'take_permission' | 'give_permission'
      readonly permission: (typeof permissions)[number]
      readonly subRole: (typeof subRoles)[number]
    }
  /** A grant that opens the whole register to somebody, and its end. */
  | { readonly kind: 'open_register' | 'close_register'; readonly client: number }
  /** The cloud says that everything is to be fetched again. */
  | { readonly kind: 'new_epoch' }
  | { readonly kind: 'take_backup' }
  /** The cloud is as it was at the last backup, ledger and decisions too; nothing where there is no backup. */
  | { readonly kind: 'restore_backup' }
  | {
      readonly kind: 'score'
      readonly client: number
      readonly batch: number
      readonly criterion: string
      readonly points: number
    }
  | { readonly kind: 'find'; readonly client: number; readonly batch: number }
  | { readonly kind: 'claim'; readonly client: number; readonly batch: number }
  | {
      readonly kind: 'decide'
      readonly client: number
      readonly batch: number
      readonly action: 'approve' | 'reject' | 'request_changes'
    }
  | { readonly kind: 'undo'; readonly client: number }
  | {
      readonly kind: 'sync'
      readonly client: number
      readonly network: Network
      readonly pageRows: number
      /** Seed of what goes wrong in this one synchronization. */
      readonly salt: number
    }
  /** The program is killed at this write of a synchronization. */
  | { readonly kind: 'kill'; readonly client: number; readonly atWrite: number }
  | { readonly kind: 'jump_clock'; readonly client: number; readonly hours: number }
  /** What is recorded from now on has the shape of a program so many versions of the schema older; 0: of this one. */
  | { readonly kind: 'older_program'; readonly client: number; readonly versions: 0 | 1 | 2 }

/** How many batches a schedule's world has; the first half is under review and assigned in turn, the rest is claimable. */
export const batchCount = 20

/** Numbers in [0, 1), the same for the same seed (mulberry32, public domain). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** The schedule of a seed: the same steps for the same seed, length and number of clients. */
export function makeSchedule(seed: number, steps: number, clients: number): readonly Step[] {
  const random = randomNumbers(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const oneOf = <Value>(values: readonly [Value, ...Value[]]): Value => values[below(values.length)] ?? values[0]
  const client = () => below(clients)
  const batch = () => below(batchCount)
  let backups = 0
  // The first is a backup, or there would be nothing to restore; one may be restored more than once.
  const backupOrRestore = (): Step => {
    if (backups > 0 && random() < 0.6) return { kind: 'restore_backup' }
    backups += 1
    return { kind: 'take_backup' }
  }
  const makers: readonly (readonly [weight: number, make: () => Step])[] = [
    [10, () => ({ kind: 'edit_batch', batch: batch(), risk: below(101) })],
    [3, () => ({ kind: 'rename_project', name: `Project ${below(100)}` })],
    [6, () => ({ kind: 'assign', client: client(), batch: batch() })],
    [6, () => ({ kind: 'unassign', client: client(), batch: batch() })],
    [2, () => ({ kind: 'suspend', client: client() })],
    [3, () => ({ kind: 'reinstate', client: client() })],
    [2, () => ({ kind: 'take_permission', permission: oneOf(permissions), subRole: oneOf(subRoles) })],
    [2, () => ({ kind: 'give_permission', permission: oneOf(permissions), subRole: oneOf(subRoles) })],
    [1, () => ({ kind: 'open_register', client: client() })],
    [1, () => ({ kind: 'close_register', client: client() })],
    [1, () => ({ kind: 'new_epoch' })],
    [4, backupOrRestore],
    [
      14,
      () => ({
        kind: 'score',
        client: client(),
        batch: batch(),
        criterion: oneOf(['E-01', 'Q-01']),
        points: below(6),
      }),
    ],
    [5, () => ({ kind: 'find', client: client(), batch: batch() })],
    [7, () => ({ kind: 'claim', client: client(), batch: batch() })],
    [
      10,
      () => ({
        kind: 'decide',
        client: client(),
        batch: batch(),
        action: oneOf(['approve', 'reject', 'request_changes']),
      }),
    ],
    [2, () => ({ kind: 'undo', client: client() })],
    [
      26,
      () => ({
        kind: 'sync',
        client: client(),
        network: oneOf(['good', 'good', ...networks]),
        pageRows: 1 + below(20),
        salt: below(2 ** 31),
      }),
    ],
    [6, () => ({ kind: 'kill', client: client(), atWrite: below(25) })],
    [2, () => ({ kind: 'jump_clock', client: client(), hours: below(2 * 24 * 365) - 24 * 365 })],
    [1, () => ({ kind: 'older_program', client: client(), versions: oneOf([0, 1, 2]) })],
  ]
  const whole = makers.reduce((sum, [weight]) => sum + weight, 0)
  return Array.from({ length: steps }, () => {
    let left = random() * whole
    const chosen = makers.find(([weight]) => {
      left -= weight
      return left < 0
    })
    return (chosen ?? makers[0])?.[1]() ?? { kind: 'new_epoch' }
  })
}
