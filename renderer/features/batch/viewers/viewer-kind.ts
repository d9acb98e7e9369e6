/** How a file is shown. */
export type ViewerKind = 'pdf' | 'photo' | 'table' | 'other'

const tables: readonly string[] = [
  'text/csv',
  'application/csv',
  'text/tab-separated-values',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
]

/** Photo types that the window can decode. */
const photos: readonly string[] = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/bmp']

/** The viewer for a media type (RFC 6838); parameters such as `charset` do not matter. */
export function viewerKind(mediaType: string): ViewerKind {
  const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/pdf') return 'pdf'
  if (photos.includes(type)) return 'photo'
  return tables.includes(type) ? 'table' : 'other'
}
