import type { StorageState } from '../../shared/contract/views.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import { laterThan } from '../platform/clock.ts'
import type { DiskSpace } from '../platform/disk-space.ts'
import { readFact, writeFact } from './facts.ts'
import { type LeavingFile, leavingBytes, nextToLeave } from './leaving-files.ts'
import { missingByDay, type NamedFile, rank } from './missing-files.ts'
import type { SyncContext } from './sync-context.ts'

/** Keeps the files of the vault within their budget and the disk from filling up. All figures come from the database, not from the disk. */
export interface FileSpace {
  /**
   * Makes room for a file and holds it for `release`. `blocked`: the budget is used up by what is needed sooner or may not leave;
   * `disk_full`: the disk is nearly full.
   */
  readonly hold: (file: NamedFile, need: FileNeed) => Promise<Result<void>>
  readonly release: (sha256: Sha256) => void
  /** To be told when a file is opened or read from: it is used now, and one of the last so many never leaves. */
  readonly touch: (sha256: Sha256) => void
  /** A removal of this file that is under way; undefined where there is none. */
  readonly leaving: (sha256: Sha256) => Promise<void> | undefined
  /** Removes what was to leave when the program ended. */
  readonly sweep: () => Promise<void>
  /** Files that a prefetch could not bring because the budget is used up. */
  readonly notePassedOver: (passed: { readonly files: number; readonly bytes: number }) => void
  readonly state: () => Promise<StorageState>
  /** Chooses the budget, in bytes, and removes what is above it. `invalid_input` below what may not leave. */
  readonly setBudget: (bytes: number) => Promise<Result<StorageState>>
}

/** Why a file is wanted: somebody asked for it, or it is due (a rank of `missing-files`). */
export type FileNeed = { readonly kind: 'asked' } | { readonly kind: 'due'; readonly rank: string }

const gigabyte = 1_000_000_000
/** Enough for the evidence of several hundred batches, and not missed on the disk of an office laptop. */
const usualBudget = 10 * gigabyte
/** What a prefetch leaves free, unless the disk is small: the database must always be able to commit. */
const usualReserve = 2 * gigabyte
/** What even a file that somebody asked for leaves free. */
const lastReserve = 256_000_000
/** The open file is always among the last so many that were read from; a desk shows two. */
const recentFiles = 32
/** How exact `last_used_at` is, in milliseconds: reading a document page by page is one use. */
const touchEvery = 60_000
/** How many files are looked at before all are. */
const usuallyEnough = 256

/** Coarse, so that a budget nobody chose does not move with every file on the disk. */
const inSteps = (bytes: number): number => Math.floor(bytes / 100_000_000) * 100_000_000

const reserveFor = (disk: DiskSpace, need: FileNeed): number => {
  const reserve = Math.min(usualReserve, Math.floor(disk.totalBytes / 20))
  return need.kind === 'asked' ? Math.min(reserve, lastReserve) : reserve
}

const inGigabytes = (bytes: number): string => `${(Math.ceil(bytes / 10_000_000) / 100).toFixed(2)} GB`

/** Makes the keeper of the space. `onLeft` is told which files are not here any more. */
export function createFileSpace(
  context: Pick<SyncContext, 'database' | 'vault' | 'clock' | 'log' | 'person'>,
  onLeft: (sha256: Sha256) => void,
): FileSpace {
  const { database, vault, clock, log, person } = context
  const held = new Map<Sha256, number>()
  const leaving = new Map<Sha256, Promise<void>>()
  /** By last use, oldest first; the value is when the database was told. */
  const recent = new Map<Sha256, number>()
  let passedOver = { files: 0, bytes: 0 }

  const dayAgo = () => laterThan(clock.now(), -24 * 60 * 60 * 1000)

  /** Whole files, begun ones, and the whole of those on their way. */
  const usedBytes = (): number => {
    const { build, read } = database
    const whole = read.first(
      build
        .selectFrom('stored_file')
        .select((select) => select.fn.sum<number | null>('byte_size').as('bytes'))
        .where('state', '=', 'present'),
    )
    const begun = read
      .all(build.selectFrom('stored_file').select(['sha256', 'received_bytes']).where('state', '=', 'partial'))
      .filter(({ sha256 }) => !held.has(sha256 as string as Sha256))
      .reduce((sum, { received_bytes }) => sum + received_bytes, 0)
    return Number(whole?.bytes ?? 0) + begun + heldBytes()
  }
  const heldBytes = () => [...held.values()].reduce((sum, bytes) => sum + bytes, 0)

  const chosenBudget = () => readFact(database.read, database, 'files.budget_bytes')
  /** Until somebody chooses: half of what the disk could give to files, and no more than is usual. */
  const budgetOn = (disk: DiskSpace | null): number =>
    chosenBudget() ?? (disk === null ? usualBudget : Math.min(usualBudget, inSteps((disk.freeBytes + usedBytes()) / 2)))

  const remove = (sha256: Sha256): Promise<void> => {
    const removal = vault
      .remove(sha256)
      // Windows removes no file that something has open: it is removed at the next start.
      .catch(() => log.warn('sync.file_not_removed', { sha256 }))
      .finally(() => leaving.delete(sha256))
    leaving.set(sha256, removal)
    return removal
  }

  /** The files to remove for so many bytes, or all that may leave where they are not enough. */
  const planRoom = (bytes: number, before: string | null): { plan: readonly LeavingFile[]; enough: boolean } => {
    const upTo = (limit: number | null) => {
      let freed = 0
      const plan = nextToLeave(database, { person, before, dayAgo: dayAgo(), limit })
        .filter(({ sha256 }) => !recent.has(sha256) && !held.has(sha256))
        .filter(({ byteSize }) => {
          const needed = freed < bytes
          freed += needed ? byteSize : 0
          return needed
        })
      return { plan, enough: freed >= bytes }
    }
    const usual = upTo(usuallyEnough + recent.size + held.size)
    return usual.enough ? usual : upTo(null)
  }

  /**
   * Removes files until so many bytes are free of them; `enoughOnly`: none when that cannot be. The row says that the file is away before
   * the file is: a program that ends in between leaves a file that `sweep` removes, never a row without its file.
   */
  const makeRoom = async (bytes: number, before: string | null, how?: 'enoughOnly'): Promise<boolean> => {
    const { plan, enough } = planRoom(bytes, before)
    if (plan.length === 0 || (how === 'enoughOnly' && !enough)) return false
    database.write((handle) => {
      const away = handle.prepare("update stored_file set state = 'absent', received_bytes = 0 where sha256 = ?")
      for (const { sha256 } of plan) away.run(sha256)
    })
    await Promise.all(plan.map(({ sha256 }) => remove(sha256)))
    for (const { sha256 } of plan) onLeft(sha256)
    log.info('sync.files_left', { files: plan.length })
    return enough
  }

  const hold: FileSpace['hold'] = async (file, need) => {
    const before = need.kind === 'asked' ? null : need.rank
    const lacking = async (): Promise<Result<void>> => {
      const disk = await vault.diskSpace()
      // Nothing is awaited between this check and holding the room, so that two transfers cannot both be given it.
      const onDisk =
        disk === null ? 0 : reserveFor(disk, need) + heldBytes() + file.byteSize - Math.floor(disk.freeBytes)
      if (onDisk > 0) return diskNearlyFull(onDisk)
      const overBudget = usedBytes() + file.byteSize - budgetOn(disk)
      // Whoever opens a file needs it now: it comes, and the budget is kept again with the next one.
      if (overBudget > 0 && need.kind === 'due') return budgetUsedUp(overBudget)
      held.set(file.sha256, file.byteSize)
      return ok(undefined)
    }
    if (need.kind === 'asked') {
      const over = usedBytes() + file.byteSize - budgetOn(await vault.diskSpace())
      if (over > 0) await makeRoom(over, before)
    }
    for (;;) {
      const answer = await lacking()
      if (answer.ok || !(await makeRoom(Number(answer.error.detail?.lackingBytes), before, 'enoughOnly'))) return answer
    }
  }

  const state: FileSpace['state'] = async () => {
    const disk = await vault.diskSpace()
    const { build, read } = database
    const whole = usedBytes()
    const byDay = missingByDay(database, person)
    const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
    const pins = read.first(
      build.selectFrom('pinned_batch').select((select) => select.fn.countAll<number>().as('batches')),
    )
    return {
      usedBytes: whole,
      budgetBytes: budgetOn(disk),
      budgetChosen: chosenBudget() !== null,
      keptBytes: Math.max(0, whole - leavingBytes(database, dayAgo())),
      freeBytes: disk?.freeBytes ?? null,
      pinnedBatches: pins?.batches ?? 0,
      missing: byDay.map(({ day, files, bytes }) => ({
        why: day === rank.pinned ? 'pinned' : day === rank.noDueDate ? 'no_due_date' : 'due',
        dueOn: day === rank.pinned || day === rank.noDueDate ? null : day,
        files,
        bytes,
      })),
      problem: problemOf(disk, { files: total(byDay.map(({ files }) => files)), passedOver }),
    }
  }

  return {
    hold,
    release: (sha256) => held.delete(sha256),
    touch(sha256) {
      const told = recent.get(sha256)
      const now = clock.elapsedMilliseconds()
      const tell = told === undefined || now - told > touchEvery
      recent.delete(sha256)
      recent.set(sha256, tell ? now : told)
      const oldest = recent.keys().next().value
      if (recent.size > recentFiles && oldest !== undefined) recent.delete(oldest)
      // Losing this to a power cut loses nothing but an order.
      if (tell)
        database.write(
          (handle) =>
            handle.prepare('update stored_file set last_used_at = ? where sha256 = ?').run(clock.now(), sha256),
          'normal',
        )
    },
    leaving: (sha256) => leaving.get(sha256),
    async sweep() {
      const away = database.read.all(
        database.build.selectFrom('stored_file').select('sha256').where('state', '=', 'absent'),
      )
      const names = away.map((row) => row.sha256 as string as Sha256).filter((sha256) => !held.has(sha256))
      await Promise.all(names.map(remove))
      if (names.length === 0) return
      database.write((handle) => {
        const forget = handle.prepare("delete from stored_file where sha256 = ? and state = 'absent'")
        for (const sha256 of names) forget.run(sha256)
      }, 'normal')
    },
    notePassedOver(passed) {
      passedOver = passed
    },
    state,
    async setBudget(bytes) {
      const before = await state()
      if (bytes < before.keptBytes)
        return fail(
          'invalid_input',
          `${inGigabytes(before.keptBytes)} of what is here stays: files not sent yet, pinned batches, and batches with changes under way.`,
          `Choose ${inGigabytes(before.keptBytes)} or more, or unpin a batch first.`,
          { keptBytes: before.keptBytes },
        )
      database.write((handle) => writeFact(handle, database, 'files.budget_bytes', bytes))
      if (before.usedBytes > bytes) await makeRoom(before.usedBytes - bytes, null)
      passedOver = { files: 0, bytes: 0 }
      return ok(await state())
    },
  }
}

const diskNearlyFull = (lackingBytes: number) =>
  fail(
    'disk_full',
    'The disk of this computer is nearly full, so no more evidence is brought here by itself.',
    'Free some space, or choose a smaller limit in Settings. What you record is kept all the while.',
    { lackingBytes },
  )

const budgetUsedUp = (lackingBytes: number) =>
  fail(
    'blocked',
    'The space for evidence on this computer is used up.',
    'Choose a larger limit in Settings, or unpin a batch.',
    { lackingBytes },
  )

function problemOf(
  disk: DiskSpace | null,
  {
    files,
    passedOver,
  }: { readonly files: number; readonly passedOver: { readonly files: number; readonly bytes: number } },
): StorageState['problem'] {
  const said = ({ code, message, action }: AppError) => ({ code, message, action: action ?? null })
  if (files === 0) return null
  if (disk !== null && disk.freeBytes < reserveFor(disk, { kind: 'due', rank: rank.noDueDate }))
    return said(diskNearlyFull(0).error)
  if (passedOver.files === 0) return null
  const { code, action } = budgetUsedUp(0).error
  const subject = passedOver.files === 1 ? 'One file does' : `${String(passedOver.files)} files do`
  return {
    code,
    message: `${subject} not fit into the space for evidence (${inGigabytes(passedOver.bytes)} more).`,
    action: action ?? null,
  }
}
