import {
  type AuditAnchor,
  type AuditChainEntry,
  type AuditDigest,
  type AuditPersonalValues,
  type AuditSeal,
  auditAnchorText,
  auditCommitment,
  auditEntryText,
  auditGenesisHash,
  auditSealText,
} from './audit-chain.ts'

/** What can be wrong with a chain. */
export type AuditChainProblem =
  /** An anchor is not what its hash was made of, or does not follow the one before it. */
  | 'anchor_altered'
  /** A number is left out, or the end that an anchor knows is gone. */
  | 'seal_missing'
  /** A seal is not what its hash was made of. */
  | 'seal_altered'
  /** A seal names another hash than that of the seal before it. */
  | 'seal_unlinked'
  /** An anchor knows another seal under this number. */
  | 'anchor_differs'
  | 'entry_missing'
  /** There are more entries than were sealed, or two in one place. */
  | 'entry_surplus'
  /** An entry is not what its hash was made of. */
  | 'entry_altered'
  /** A kept personal value is not the one that its digest was made of. */
  | 'value_altered'
  /** Every entry fits its own hash, and together they are not what was sealed. */
  | 'entries_differ'
  /** No seal stands for the entry. */
  | 'entry_unsealed'

/** The first break of a chain, and where it is: null for what does not apply. */
export interface AuditChainBreak {
  readonly problem: AuditChainProblem
  /** Number of the seal. */
  readonly seal: number | null
  readonly bundle: number | null
  readonly ordinal: number | null
  /** Number of the anchor. */
  readonly anchor: number | null
}

/** The answer of the check; that of `verify_audit_chain()` in the cloud is the same. */
export interface AuditChainAnswer {
  readonly ok: boolean
  /** Seals and entries that hold, up to the first break. */
  readonly seals: number
  readonly entries: number
  /** The last seal that was looked at. */
  readonly head: { readonly seal: number; readonly hash: string } | null
  readonly first_break: AuditChainBreak | null
}

/** Everything that belongs to a chain, in any order. */
export interface AuditChainRows {
  readonly entries: readonly AuditChainEntry[]
  readonly seals: readonly AuditSeal[]
  /** Those of the database, or those that were kept elsewhere. */
  readonly anchors: readonly AuditAnchor[]
}

type Place = Pick<AuditChainBreak, 'problem'> & Partial<AuditChainBreak>

const breakAt = (place: Place): AuditChainBreak => ({ seal: null, bundle: null, ordinal: null, anchor: null, ...place })

const findAlteredAnchor = (anchors: readonly AuditAnchor[], digest: AuditDigest): Place | null => {
  let before = { number: 0, hash: auditGenesisHash }
  for (const anchor of anchors) {
    const fits =
      anchor.number === before.number + 1 &&
      anchor.previous_hash === before.hash &&
      anchor.hash === digest('', auditAnchorText(anchor))
    if (!fits) return { problem: 'anchor_altered', anchor: anchor.number }
    before = anchor
  }
  return null
}

/** True when every kept value of one side is the one that the entry's digest was made of. */
const valuesFit = (
  values: Readonly<Record<string, string>>,
  row: string | null,
  salt: string,
  digest: AuditDigest,
): boolean => {
  const fields = Object.entries(values)
  if (fields.length === 0) return true
  const shown = (row === null ? {} : JSON.parse(row)) as Readonly<Record<string, unknown>>
  return fields.every(([field, value]) => {
    const commitment = JSON.stringify({ sha256: auditCommitment(salt, field, value, digest) })
    return JSON.stringify(shown[field]) === commitment
  })
}

const personalFits = (entry: AuditChainEntry, personal: AuditPersonalValues, digest: AuditDigest): boolean =>
  valuesFit(personal.old_values, entry.old_values, personal.salt, digest) &&
  valuesFit(personal.new_values, entry.new_values, personal.salt, digest)

const findInBundle = (entries: readonly AuditChainEntry[], seal: AuditSeal, digest: AuditDigest): Place | null => {
  const { bundle } = seal
  let before = 0
  for (const entry of entries) {
    const { ordinal } = entry
    if (ordinal > seal.entries || ordinal <= before) return { problem: 'entry_surplus', bundle, ordinal }
    if (ordinal > before + 1) return { problem: 'entry_missing', bundle, ordinal: before + 1 }
    if (entry.entry_hash !== digest('', auditEntryText(entry, digest)))
      return { problem: 'entry_altered', bundle, ordinal }
    if (entry.personal !== null && !personalFits(entry, entry.personal, digest))
      return { problem: 'value_altered', bundle, ordinal }
    before = ordinal
  }
  if (before < seal.entries) return { problem: 'entry_missing', bundle, ordinal: before + 1 }
  const together = digest(entries.map((entry) => entry.entry_hash).join(''), '')
  return together === seal.entries_hash ? null : { problem: 'entries_differ', bundle }
}

const compare = <Value>(left: Value, right: Value): number => (left < right ? -1 : left > right ? 1 : 0)

const bundlesOf = (entries: readonly AuditChainEntry[]): ReadonlyMap<number, readonly AuditChainEntry[]> => {
  const bundles = new Map<number, AuditChainEntry[]>()
  for (const entry of entries) {
    const bundle = bundles.get(entry.bundle)
    if (bundle === undefined) bundles.set(entry.bundle, [entry])
    else bundle.push(entry)
  }
  for (const bundle of bundles.values())
    bundle.sort(
      (left, right) =>
        left.ordinal - right.ordinal ||
        compare(left.entry_hash, right.entry_hash) ||
        // Two in one place may have one hash: their ids decide, here as in the cloud.
        compare(left.id, right.id),
    )
  return bundles
}

/**
 * Checks the cloud's audit chain: every seal against its own hash, the seal before it, the anchors and its entries, every entry
 * against its hash, every kept personal value against its digest. Names the first break in the order of the seals.
 */
export function verifyAuditChain(rows: AuditChainRows, digest: AuditDigest): AuditChainAnswer {
  const anchors = rows.anchors.toSorted((left, right) => left.number - right.number)
  const start = anchors.findLast((anchor) => anchor.kind === 'retirement')
  const after = start?.seal_seq ?? 0
  const seals = rows.seals.filter((seal) => seal.seq > after).toSorted((left, right) => left.seq - right.seq)
  const bundles = bundlesOf(rows.entries)
  const last = seals.at(-1)
  const head = last === undefined ? null : { seal: last.seq, hash: last.hash }
  const held = { seals: 0, entries: 0 }
  const broken = (place: Place): AuditChainAnswer => ({ ok: false, ...held, head, first_break: breakAt(place) })

  const altered = findAlteredAnchor(anchors, digest)
  if (altered !== null) return broken(altered)

  const anchored = Map.groupBy(anchors, (anchor) => anchor.seal_seq)
  let before = { seq: after, hash: start?.seal_hash ?? auditGenesisHash }
  for (const seal of seals) {
    const { seq } = seal
    if (seq !== before.seq + 1) return broken({ problem: 'seal_missing', seal: before.seq + 1 })
    if (seal.hash !== digest('', auditSealText(seal))) return broken({ problem: 'seal_altered', seal: seq })
    if (seal.previous_hash !== before.hash) return broken({ problem: 'seal_unlinked', seal: seq })
    if (anchored.get(seq)?.some((anchor) => anchor.seal_hash !== seal.hash))
      return broken({ problem: 'anchor_differs', seal: seq })
    const entries = bundles.get(seal.bundle) ?? []
    // Of a removed month, only seals are left that younger ones follow from.
    const retired = entries.length === 0 && seal.entries_at < (start?.retired_until ?? '')
    const wrong = retired ? null : findInBundle(entries, seal, digest)
    if (wrong !== null) return broken({ ...wrong, seal: seq })
    held.seals += 1
    held.entries += entries.length
    before = seal
  }
  if (anchors.some((anchor) => anchor.seal_seq > before.seq))
    return broken({ problem: 'seal_missing', seal: before.seq + 1 })

  const sealed = new Set(rows.seals.map((seal) => seal.bundle))
  const loose = [...bundles.keys()].filter((bundle) => !sealed.has(bundle)).sort(compare)[0]
  const unsealed = loose === undefined ? undefined : bundles.get(loose)?.[0]
  if (unsealed !== undefined)
    return broken({ problem: 'entry_unsealed', bundle: unsealed.bundle, ordinal: unsealed.ordinal })
  return { ok: true, ...held, head, first_break: null }
}
