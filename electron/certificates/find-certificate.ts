import type { Sha256 } from '../../shared/domain/ids.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { certificateDto } from '../../shared/wire/rows.ts'
import type { CaseContext } from '../database/case-context.ts'

/** What is needed to open a certificate's file. */
export interface CertificateFile {
  readonly number: string
  readonly sha256: Sha256
  readonly byteSize: number
}

/** A certificate by its id: one that the cloud holds, or one that was signed here and is still on its way. */
export function findCertificate(context: CaseContext, certificateId: string): Result<CertificateFile> {
  const { build, read } = context.database
  const mirrored = read.first(
    build
      .selectFrom('certificate')
      .select(['certificate_number', 'sha256', 'byte_size'])
      .where('id', '=', certificateId),
  )
  if (mirrored !== undefined)
    return ok({ number: mirrored.certificate_number, sha256: mirrored.sha256 as Sha256, byteSize: mirrored.byte_size })
  const pending = read.first(
    build
      .selectFrom('pending_row')
      .select('body')
      .where('table_name', '=', 'certificate')
      .where('row_id', '=', certificateId)
      .orderBy('sequence', 'desc'),
  )
  const row = pendingCertificate.safeParse(pending === undefined ? null : JSON.parse(pending.body))
  return row.success
    ? ok({ number: row.data.certificate_number, sha256: row.data.sha256 as Sha256, byteSize: row.data.byte_size })
    : fail('not_found', 'This certificate is not on this computer.', 'Sync, then look again.')
}

const pendingCertificate = certificateDto.pick({ certificate_number: true, sha256: true, byte_size: true })
