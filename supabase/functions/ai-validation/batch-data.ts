/** A batch as it is to be validated, with everything that a caller may have got wrong kept as it came. */
export interface BatchData {
  readonly standard: string
  /** Tonnes or kWh, by the standard. */
  readonly tons_or_kwh: number
  readonly location: string
  /** `YYYY-MM-DD`, or a text that is none. */
  readonly date_submitted: string
  readonly description: string | null
}

const textLimit = 20_000

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= textLimit

/** Reads `batch_data`; a text says what is wrong with its form. What is wrong with its content is for the rules. */
export const readBatchData = (value: unknown): BatchData | string => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'batch_data is missing.'
  const data: Readonly<Record<string, unknown>> = { ...value }
  const { standard, tons_or_kwh: quantity, location, date_submitted: date, description } = data
  if (!isText(standard)) return 'batch_data.standard is not a text.'
  if (typeof quantity !== 'number' || !Number.isFinite(quantity)) return 'batch_data.tons_or_kwh is not a number.'
  if (!isText(location)) return 'batch_data.location is not a text.'
  if (!isText(date)) return 'batch_data.date_submitted is not a text.'
  if (description !== undefined && description !== null && !isText(description))
    return 'batch_data.description is not a text.'
  return { standard, tons_or_kwh: quantity, location, date_submitted: date, description: description ?? null }
}
