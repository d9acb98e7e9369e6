import type { PdfPlace } from './viewers/pdf/pdf-viewer.tsx'

/** The parts of the side panel. */
export const deskTabs = ['rubric', 'findings', 'history', 'certificate'] as const
export type DeskTab = (typeof deskTabs)[number]

/** One of the two viewers. */
export type ViewerSide = 'a' | 'b'

/** What is in sight on the batch screen; kept over a restart. */
export interface DeskView {
  readonly files: Readonly<Record<ViewerSide, string | null>>
  readonly split: boolean
  readonly active: ViewerSide
  readonly tab: DeskTab
  readonly panel: boolean
  readonly criterion: string | null
  /** Page and zoom of PDFs, by evidence file. */
  readonly places: Readonly<Record<string, PdfPlace>>
}

/** What is in sight when a batch is opened for the first time. */
export const startOfDesk: DeskView = {
  files: { a: null, b: null },
  split: false,
  active: 'a',
  tab: 'rubric',
  panel: true,
  criterion: null,
  places: {},
}

/** The file in the viewer that is in use. */
export const activeFile = (view: DeskView): string | null => view.files[view.active]

/** Shows a file in the viewer that is in use. */
export const withFile = (view: DeskView, fileId: string): DeskView => ({
  ...view,
  files: { ...view.files, [view.active]: fileId },
})

/** The file after (`1`) or before (`-1`) the one in use; from nothing, the first. Null at the ends. */
export function neighborFile(view: DeskView, fileIds: readonly string[], direction: 1 | -1): string | null {
  const index = fileIds.indexOf(activeFile(view) ?? '')
  return (index === -1 ? fileIds[0] : fileIds[index + direction]) ?? null
}

/** Opens the second viewer beside the first, or closes it. What was in the second viewer is remembered. */
export function withSplit(view: DeskView, fileIds: readonly string[]): DeskView {
  if (view.split) return { ...view, split: false, active: 'a' }
  const next = view.files.b ?? neighborFile({ ...view, active: 'a' }, fileIds, 1) ?? view.files.a
  return { ...view, split: true, active: 'b', files: { ...view.files, b: next } }
}

/** Drops what the batch no longer has, and shows the first file where none is in sight. */
export function fittedTo(view: DeskView, fileIds: readonly string[], criteria: readonly string[]): DeskView {
  const known = (id: string | null): string | null => (id !== null && fileIds.includes(id) ? id : null)
  const files = { a: known(view.files.a) ?? fileIds[0] ?? null, b: known(view.files.b) }
  const criterion =
    view.criterion !== null && criteria.includes(view.criterion) ? view.criterion : (criteria[0] ?? null)
  const split = view.split && files.b !== null
  if (files.a === view.files.a && files.b === view.files.b && criterion === view.criterion && split === view.split)
    return view
  return { ...view, files, criterion, split, active: split ? view.active : 'a' }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readPlaces(value: unknown): DeskView['places'] {
  if (!isRecord(value)) return {}
  const places: Record<string, PdfPlace> = {}
  for (const [fileId, place] of Object.entries(value)) {
    if (!isRecord(place)) continue
    const { page, zoom } = place
    if (typeof page !== 'number' || !Number.isInteger(page) || page < 1) continue
    if (zoom === 'fit' || (typeof zoom === 'number' && zoom > 0)) places[fileId] = { page, zoom }
  }
  return places
}

/** Reads what was kept; anything that cannot be read is as at the first time. */
export function readDeskView(body: string | null): DeskView {
  if (body === null) return startOfDesk
  try {
    const saved: unknown = JSON.parse(body)
    if (!isRecord(saved)) return startOfDesk
    const files = isRecord(saved.files) ? saved.files : {}
    const fileB = text(files.b)
    return {
      files: { a: text(files.a), b: fileB },
      split: saved.split === true && fileB !== null,
      active: saved.active === 'b' && saved.split === true && fileB !== null ? 'b' : 'a',
      tab: deskTabs.find((tab) => tab === saved.tab) ?? startOfDesk.tab,
      panel: saved.panel !== false,
      criterion: text(saved.criterion),
      places: readPlaces(saved.places),
    }
  } catch {
    return startOfDesk
  }
}

/** What is kept of the view; read again by `readDeskView`. */
export const writeDeskView = (view: DeskView): string => JSON.stringify(view)
