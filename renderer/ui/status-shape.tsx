import type { ReactElement } from 'react'
import type { BatchStatus } from '../../shared/domain/batch.ts'

const cut = 'var(--surface)'

const shapes: Readonly<Record<BatchStatus, ReactElement>> = {
  pending: (
    <circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2.6 2.55" />
  ),
  under_review: (
    <>
      <circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M8 4.25a3.75 3.75 0 0 1 0 7.5z" fill="currentColor" />
    </>
  ),
  changes_requested: (
    <>
      <path d="M8 1.6 15 14H1z" fill="currentColor" stroke="currentColor" strokeWidth="1" strokeLinejoin="round" />
      <path
        d="M6.5 7.5c.1-1 .8-1.5 1.6-1.5s1.5.5 1.5 1.3c0 1-1.5 1.1-1.5 2.3"
        fill="none"
        stroke={cut}
        strokeWidth="1.3"
      />
      <circle cx="8.1" cy="11.7" r=".85" fill={cut} />
    </>
  ),
  approved: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="currentColor" />
      <path
        d="m5 8.2 2.1 2.1L11 6.2"
        fill="none"
        stroke={cut}
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  rejected: (
    <>
      <path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z" fill="currentColor" />
      <path d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6" stroke={cut} strokeWidth="1.6" strokeLinecap="round" />
    </>
  ),
  verified: (
    <>
      <path d="M8 1.2 13.8 3v4.6c0 3.4-2.4 6-5.8 7.2-3.4-1.2-5.8-3.8-5.8-7.2V3z" fill="currentColor" />
      <path
        d="m5.4 7.9 1.9 1.9 3.4-3.6"
        fill="none"
        stroke={cut}
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  retired: (
    <>
      <rect x="2.25" y="2.25" width="11.5" height="11.5" rx="2" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M5 8h6" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </>
  ),
}

/** The shape that stands for a status; never without its label beside or behind it. */
export function StatusShape({ status, size = 14 }: { readonly status: BatchStatus; readonly size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      {shapes[status]}
    </svg>
  )
}
