import { afterEach, expect, test } from 'vitest'
import { insertInto } from '../database/testing.ts'
import { findCertificate } from './find-certificate.ts'
import { signBatchCertificate } from './sign-batch-certificate.ts'
import { auditorKey, openSigningDesk, type SigningDesk, signedBatch, testFonts } from './testing.ts'

let desk: SigningDesk
afterEach(() => desk.workspace.dispose())

test('a certificate that was signed here is found before the cloud has heard of it', async () => {
  desk = await openSigningDesk({ key: await auditorKey() })
  desk.score()
  const signed = await signBatchCertificate(desk.context, desk.files, await testFonts, desk.request())
  if (!signed.ok) throw new Error(signed.error.message)
  const found = findCertificate(desk.context, signed.value.certificateId)
  if (!found.ok) throw new Error(found.error.message)
  expect(found.value.number).toBe(signed.value.number)
  const bytes = await desk.vault.readAll(found.value.sha256, 10_000_000)
  expect(bytes.ok && bytes.value.byteLength).toBe(found.value.byteSize)
})

test('a certificate that the cloud holds is found, and its row counts more than a local one', async () => {
  desk = await openSigningDesk()
  const id = '0a000000-0000-4000-8000-000000000001'
  const row = {
    id,
    batch_id: signedBatch,
    decision_id: '0b000000-0000-4000-8000-000000000001',
    certificate_number: 'VD-APRS-2026-1F2E3D4C5B',
    opinion: 'unmodified',
    assurance_level: 'limited',
    content_hash: 'a'.repeat(64),
    bucket: 'certificates',
    object_path: `${signedBatch}/${id}.pdf`,
    sha256: 'b'.repeat(64),
    byte_range_digest: 'c'.repeat(64),
    byte_size: 48_123,
    issued_by: '0c000000-0000-4000-8000-000000000001',
    claimed_at: '2026-11-19T09:00:00.000Z',
    received_at: '2026-11-19T09:01:00.000Z',
    version: 7,
  }
  const pending = (more: object) => ({
    mutation_id: 'mutation',
    table_name: 'certificate',
    row_id: id,
    batch_id: signedBatch,
    body: JSON.stringify({ ...row, ...more }),
  })
  desk.workspace.database.write((handle) => {
    insertInto(handle, 'pending_row', pending({ certificate_number: 'earlier', byte_size: 1 }))
    insertInto(handle, 'pending_row', pending({ certificate_number: 'later', byte_size: 2 }))
  })
  expect(findCertificate(desk.context, id)).toMatchObject({ value: { number: 'later', byteSize: 2 } })
  desk.workspace.database.write((handle) => insertInto(handle, 'certificate', { ...row, scopes: 1 }))
  expect(findCertificate(desk.context, id)).toEqual({
    ok: true,
    value: { number: 'VD-APRS-2026-1F2E3D4C5B', sha256: 'b'.repeat(64), byteSize: 48_123 },
  })
})

test('a certificate that is not here is not found, and neither is another row with its id', async () => {
  desk = await openSigningDesk()
  const id = '0a000000-0000-4000-8000-000000000002'
  desk.workspace.database.write((handle) =>
    insertInto(handle, 'pending_row', {
      mutation_id: 'mutation',
      table_name: 'signature',
      row_id: id,
      batch_id: signedBatch,
      body: JSON.stringify({ certificate_number: 'a signature', sha256: 'b'.repeat(64), byte_size: 1 }),
    }),
  )
  expect(findCertificate(desk.context, id)).toMatchObject({
    ok: false,
    error: { code: 'not_found', action: expect.stringContaining('Sync') },
  })
})
