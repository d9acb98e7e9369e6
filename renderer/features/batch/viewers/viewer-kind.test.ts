import { describe, expect, it } from 'vitest'
import { viewerKind } from './viewer-kind.ts'

describe('viewerKind', () => {
  it('goes by the media type, whatever its case and parameters', () => {
    expect(viewerKind('application/pdf')).toBe('pdf')
    expect(viewerKind('Text/CSV; charset=utf-8')).toBe('table')
    expect(viewerKind('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')).toBe('table')
    expect(viewerKind('image/jpeg')).toBe('photo')
  })

  it('shows nothing that could carry a script', () => {
    expect(['image/svg+xml', 'text/html', 'application/zip', ''].map(viewerKind)).toEqual(Array(4).fill('other'))
  })
})
