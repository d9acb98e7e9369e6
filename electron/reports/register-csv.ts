import type { RegisterRow } from '../../shared/contract/views.ts'
import { factLines, type RegisterFacts } from './register-facts.ts'
import { csvField, csvTable } from './register-lines.ts'

/**
 * The register as UTF-8 CSV (RFC 4180): header, one line per decision, then the facts as lines that begin with `#`. Removing those
 * and hashing the rest gives the SHA-256 that they name.
 */
export const registerCsv = (rows: readonly RegisterRow[], facts: RegisterFacts): Uint8Array =>
  new TextEncoder().encode(
    csvTable(rows) +
      factLines(facts)
        .map((line) => `${csvField(`# ${line}`)}\r\n`)
        .join(''),
  )
