import { createHash } from 'node:crypto'
import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject, PDFRawStream, PDFRef, PDFStream } from 'pdf-lib'
import { AppendedBytesError, checkAppendedRevisions } from './appended-revisions.ts'
import { loadForReading, signatureFields } from './read-signatures.ts'

/**
 * Compares the document that was signed with the one that is shown, object by object, and names each change that a signature
 * does not allow. Allowed are: material for long-term validation (`/DSS`), document timestamps without a visible place, and a
 * signature in a field that the signer had reserved for it. Whatever else was appended is a change of what people read.
 * @param signedEnd Where the signed revision ends; the bytes after it were appended.
 * @returns Plain sentences; empty when every change is allowed.
 */
export async function findForbiddenChanges(bytes: Uint8Array, signedEnd: number): Promise<string[]> {
  try {
    checkAppendedRevisions(bytes, signedEnd)
  } catch (error) {
    if (error instanceof AppendedBytesError) return [error.message]
    throw error
  }
  const before = await loadForReading(bytes.subarray(0, signedEnd))
  const after = await loadForReading(bytes)
  return compare(before, after)
}

function compare(before: PDFDocument, after: PDFDocument): string[] {
  const reasons = new Set<string>()
  for (const entry of ['Root', 'Info', 'Encrypt'] as const) {
    if (String(before.context.trailerInfo[entry]) !== String(after.context.trailerInfo[entry])) {
      reasons.add('The document was replaced by another one in an appended part.')
    }
  }
  const old = new Map(before.context.enumerateIndirectObjects().map(([ref, object]) => [String(ref), object]))
  const referred = new Set([...old.values()].flatMap((object) => [...references(object)]))
  const additions = newTimestampFields(before, after)
  for (const [ref, object] of after.context.enumerateIndirectObjects()) {
    const name = String(ref)
    const previous = old.get(name)
    old.delete(name)
    if (previous === undefined) {
      // An object that nothing signed refers to is seen only through an allowed change; one that was missing is not new.
      if (referred.has(name)) reasons.add('An object that the signed document lacked was filled in.')
      if (isObjectStream(object)) reasons.add('Objects were appended in a form that cannot be checked.')
    } else if (fingerprint(previous) !== fingerprint(object)) {
      const reason = judge(before, after, ref, previous, object, additions)
      if (reason !== null) reasons.add(reason)
    }
  }
  if (old.size > 0) reasons.add('A part of the document was removed.')
  return [...reasons]
}

/** Says why a changed object may not change so, or null when it may. */
function judge(
  before: PDFDocument,
  after: PDFDocument,
  ref: PDFRef,
  previous: PDFObject,
  object: PDFObject,
  additions: ReadonlySet<string>,
): string | null {
  const page = before.getPages().findIndex((candidate) => candidate.ref === ref)
  if (page >= 0) {
    return onlyGains(previous, object, 'Annots', additions) ? null : `Page ${page + 1} was changed after the signature.`
  }
  if (ref === before.context.trailerInfo.Root) {
    return judgeCatalog(previous, object, additions)
  }
  if (ref === before.catalog.get(PDFName.of('AcroForm'))) {
    return onlyGains(previous, object, 'Fields', additions, ['SigFlags'])
      ? null
      : 'The form of the document was changed after the signature.'
  }
  if (isDss(before, ref)) return null
  if (isReservedField(before, after, previous, object)) return null
  return 'The contents of the document were changed after the signature.'
}

function judgeCatalog(previous: PDFObject, object: PDFObject, additions: ReadonlySet<string>): string | null {
  const reason = 'The structure of the document was changed after the signature.'
  if (!(previous instanceof PDFDict) || !(object instanceof PDFDict)) return reason
  const allowed = ['DSS', 'Extensions']
  const form = previous.get(PDFName.of('AcroForm'))
  if (form instanceof PDFDict) {
    const now = object.get(PDFName.of('AcroForm'))
    if (now === undefined || !onlyGains(form, now, 'Fields', additions, ['SigFlags'])) return reason
    allowed.push('AcroForm')
  }
  return without(previous, allowed) === without(object, allowed) ? null : reason
}

/** Whether two dictionaries are the same but for an array that gained nothing except allowed references. */
function onlyGains(
  previous: PDFObject,
  object: PDFObject,
  key: string,
  additions: ReadonlySet<string>,
  ignored: readonly string[] = [],
): boolean {
  if (!(previous instanceof PDFDict) || !(object instanceof PDFDict)) return false
  if (without(previous, [key, ...ignored]) !== without(object, [key, ...ignored])) return false
  const list = (dictionary: PDFDict): string[] => {
    const value = dictionary.lookup(PDFName.of(key))
    return value instanceof PDFArray ? value.asArray().map(String) : []
  }
  const kept = list(object).filter((item) => !additions.has(item))
  return kept.join(' ') === list(previous).join(' ')
}

/** The references of fields that were added, carry a document timestamp and take no room on a page. */
function newTimestampFields(before: PDFDocument, after: PDFDocument): ReadonlySet<string> {
  const known = new Set(signatureFields(before).map((field) => field.name))
  const additions = new Set<string>()
  for (const { name, dictionary, value } of signatureFields(after)) {
    if (known.has(name) || String(value?.lookup(PDFName.of('SubFilter'))) !== '/ETSI.RFC3161') continue
    const rectangle = dictionary.lookup(PDFName.of('Rect'))
    const isInvisible =
      rectangle instanceof PDFArray &&
      /^\[\s*0\s+0\s+0\s+0\s*\]$/.test(String(rectangle)) &&
      !dictionary.has(PDFName.of('AA'))
    const ref = after.context.getObjectRef(dictionary)
    if (isInvisible && ref !== undefined && before.context.lookup(ref) === undefined) additions.add(String(ref))
  }
  return additions
}

/** An empty signature field that now has a value, and at most an appearance inside the room it already had. */
function isReservedField(before: PDFDocument, after: PDFDocument, previous: PDFObject, object: PDFObject): boolean {
  if (!(previous instanceof PDFDict) || !(object instanceof PDFDict)) return false
  const reserved = signatureFields(before).some((field) => field.dictionary === previous && field.value === null)
  const signed = signatureFields(after).find((field) => field.dictionary === object)
  if (!reserved || signed === undefined || signed.value === null) return false
  const changing = ['V', 'AP', 'M']
  return without(previous, changing) === without(object, changing)
}

/** A later revision may replace the validation material that an earlier one brought. */
function isDss(before: PDFDocument, ref: PDFRef): boolean {
  const dss = before.catalog.get(PDFName.of('DSS'))
  if (dss === ref) return true
  const dictionary = before.catalog.lookup(PDFName.of('DSS'))
  if (!(dictionary instanceof PDFDict)) return false
  return [...dictionary.values()].some((value) => value === ref)
}

function isObjectStream(object: PDFObject): boolean {
  return object instanceof PDFRawStream && ['/ObjStm', '/XRef'].includes(String(object.dict.get(PDFName.of('Type'))))
}

/** A dictionary as text, without some of its keys and in the order of the others' names. */
function without(dictionary: PDFDict, keys: readonly string[]): string {
  const left = dictionary.entries().filter(([key]) => !keys.includes(key.decodeText()))
  return left
    .map(([key, value]) => `${key} ${value}`)
    .sort()
    .join('\n')
}

function fingerprint(object: PDFObject): string {
  if (!(object instanceof PDFStream)) return String(object)
  const contents = createHash('sha256').update(object.getContents()).digest('hex')
  return `${object.dict} ${contents}`
}

function* references(object: PDFObject): Generator<string> {
  if (object instanceof PDFRef) yield String(object)
  else if (object instanceof PDFArray) for (const item of object.asArray()) yield* references(item)
  else if (object instanceof PDFDict) for (const item of object.values()) yield* references(item)
  else if (object instanceof PDFStream) yield* references(object.dict)
}
