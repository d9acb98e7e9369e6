/** A place in the window. `sync` is the sync center. */
export type Place =
  | { readonly screen: 'queue' }
  | { readonly screen: 'batch'; readonly batchId: string | null }
  | { readonly screen: 'audit' }
  | { readonly screen: 'reports' }
  | { readonly screen: 'settings' }
  | { readonly screen: 'sync' }

/** Where the person is, the way back, and the batch that was open last. */
export interface Navigation {
  readonly place: Place
  readonly back: readonly Place[]
  readonly lastBatchId: string | null
}

/** How far back the way is remembered. */
const longestWay = 50

/** The place a fresh window starts at. */
export const startOfNavigation: Navigation = { place: { screen: 'queue' }, back: [], lastBatchId: null }

const samePlace = (left: Place, right: Place): boolean =>
  left.screen === right.screen &&
  (left.screen !== 'batch' || right.screen !== 'batch' || left.batchId === right.batchId)

/** Goes to a place. The batch screen without a batch leads to the one that was open last. */
export function goTo(navigation: Navigation, wanted: Place): Navigation {
  const place: Place =
    wanted.screen === 'batch' ? { screen: 'batch', batchId: wanted.batchId ?? navigation.lastBatchId } : wanted
  if (samePlace(place, navigation.place)) return navigation
  return {
    place,
    back: [...navigation.back, navigation.place].slice(-longestWay),
    lastBatchId: place.screen === 'batch' ? place.batchId : navigation.lastBatchId,
  }
}

/** Goes back one step; at the beginning of the way, to the queue. */
export function goBack(navigation: Navigation): Navigation {
  const place = navigation.back.at(-1)
  if (place === undefined) return { ...navigation, place: { screen: 'queue' } }
  return { ...navigation, place, back: navigation.back.slice(0, -1) }
}

/** Reads a remembered place; what cannot be read is the start. */
export function readNavigation(text: string | null): Navigation {
  if (text === null) return startOfNavigation
  try {
    const saved: unknown = JSON.parse(text)
    if (typeof saved !== 'object' || saved === null || !('screen' in saved)) return startOfNavigation
    const lastBatchId = 'batchId' in saved && typeof saved.batchId === 'string' ? saved.batchId : null
    const { screen } = saved
    if (screen === 'batch') return { place: { screen, batchId: lastBatchId }, back: [], lastBatchId }
    if (screen === 'queue' || screen === 'audit' || screen === 'reports' || screen === 'settings' || screen === 'sync')
      return { place: { screen }, back: [], lastBatchId }
    return startOfNavigation
  } catch {
    return startOfNavigation
  }
}

/** What is remembered of a place over a restart; read again by `readNavigation`. */
export const writeNavigation = (navigation: Navigation): string =>
  JSON.stringify({ screen: navigation.place.screen, batchId: navigation.lastBatchId })
