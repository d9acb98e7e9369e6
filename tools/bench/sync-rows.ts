import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { batchDto, personDto, projectDto } from '../../shared/wire/rows.ts'

type BatchRow = z.infer<typeof batchDto>

/** How many projects the batches are of. */
const projects = 500

/** An id by kind and number; as random in its digits as one of the cloud, and the same each time. */
export const benchId = (kind: string, number: number): string => {
  const hex = createHash('sha256').update(`${kind} ${number}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const places = ['Surabaya', 'Semarang', 'Đà Nẵng', 'Chennai', 'Mombasa', 'Recife', 'Cebu', 'Izmir'] as const
const materials = ['PET bottles', 'HDPE crates', 'LDPE film', 'PP sacks', 'mixed rigids'] as const
const pick = <Value>(list: readonly [Value, ...Value[]], number: number): Value => list[number % list.length] ?? list[0]

/** A batch as the cloud sends it, some 800 bytes of JSON: half with a description, a fifth with a reason for its risk. */
export function benchBatch(number: number, version = 1): BatchRow {
  const hash = createHash('sha256').update(`hash ${number}`).digest('hex')
  return {
    id: benchId('batch', number),
    batch_hash: `BATCH-${hash.slice(0, 32).toUpperCase()}`,
    user_id: benchId('person', 0),
    project_id: benchId('project', number % projects),
    standard: 'APRS',
    tons_or_kwh: `${10 + ((number * 7919) % 5000)}.${String(number % 100).padStart(2, '0')}`,
    location: `Jalan Kembang ${number % 2000}, ${pick(places, number)}`,
    date_submitted: new Date(Date.UTC(2026, 0, 1 + (number % 300))).toISOString().slice(0, 10),
    period_start: null,
    period_end: null,
    description:
      number % 2 === 0 ? `Sorted ${pick(materials, number >> 1)}, washed and baled at the yard, lot ${number}` : null,
    status: number % 4 === 0 ? 'under_review' : 'pending',
    calculated_plastic_credits: `${10 + (number % 4000)}.00`,
    calculated_carbon_credits: `${2 + (number % 900)}.50`,
    verification_score: null,
    verified_by: null,
    verified_at: null,
    risk_score: (number * 37) % 101,
    risk_reasons: number % 5 === 0 ? ['Quantity far above the project mean'] : [],
    content_hash: hash,
    updated_at: `2026-11-20T09:00:${String(number % 60).padStart(2, '0')}.123456+00:00`,
    version,
  }
}

const benchProject = (number: number): z.infer<typeof projectDto> => ({
  id: benchId('project', number),
  user_id: benchId('person', 0),
  name: `River project ${number}`,
  description: null,
  standard: 'APRS',
  location: pick(places, number),
  latitude: -7.25,
  longitude: 112.75,
  time_zone: 'Asia/Jakarta',
  status: 'active',
  updated_at: '2026-11-20T09:00:00+00:00',
  version: 1,
})

const benchPerson: z.infer<typeof personDto> = {
  id: benchId('person', 0),
  name: 'Rina Plastics',
  organization_id: null,
  organization_name: 'Rina Plastics Ltd',
  role: 'recycler',
  sub_role: null,
  version: 1,
}

/** Pages of JSON text as they came over the network, by the table that they are of; rows in the order of their ids, as the cloud sends. */
export type ReceivedPages = Readonly<Record<string, readonly ReceivedPage[]>>

/** One page: the rows as text, and the id to ask on from. */
export interface ReceivedPage {
  readonly text: string
  readonly next: string | null
}

/** An object with the blanks that PostgreSQL's `json_build_object` puts between its parts. */
const objectText = (fields: object): string =>
  `{${Object.entries(fields)
    .map(([name, value]) => `"${name}" : ${JSON.stringify(value)}`)
    .join(', ')}}`

/** A list of them, as PostgreSQL's `json_agg` writes it. */
export const listText = (rows: readonly object[]): string => `[${rows.map(objectText).join(', ')}]`

/** The cloud's answer that brings a page of changes. */
export const pullText = (changes: string): string => `{"upto" : "${noCursor}", "changes" : ${changes}, "next" : null}`

/** A snapshot of a cloud in which nothing goes on. */
const noCursor = '1:1:'

/** The cloud's answer that brings a page, as PostgreSQL's `json_build_object` writes it. */
export const answerText = ({ text, next }: ReceivedPage, total: number | null): string =>
  `{"snapshot" : "${noCursor}", "rows" : ${text}, "next" : ${JSON.stringify(next)}, "total" : ${total}}`

function toPages(rows: readonly { readonly id: string }[], pageRows: number): readonly ReceivedPage[] {
  const sorted = rows.toSorted((left, right) => (left.id < right.id ? -1 : 1))
  const pages: ReceivedPage[] = []
  for (let offset = 0; offset < sorted.length; offset += pageRows) {
    const page = sorted.slice(offset, offset + pageRows)
    const last = offset + pageRows >= sorted.length
    pages.push({ text: listText(page), next: last ? null : (page.at(-1)?.id ?? null) })
  }
  return pages
}

/** So many batches with the projects and the person that their names are found by. */
export const receivedPages = (batches: number, pageRows: number): ReceivedPages => ({
  people: toPages([benchPerson], pageRows),
  projects: toPages(
    Array.from({ length: projects }, (_, number) => benchProject(number)),
    pageRows,
  ),
  batches: toPages(
    Array.from({ length: batches }, (_, number) => benchBatch(number)),
    pageRows,
  ),
})
