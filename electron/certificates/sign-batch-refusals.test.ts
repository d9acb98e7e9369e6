import { readdirSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from '../../shared/domain/person.ts'
import { fixture, insertInto, people } from '../database/testing.ts'
import { raiseFinding } from '../findings/raise-finding.ts'
import { systemDisk, type VaultDisk } from '../platform/vault/receive-file.ts'
import { removeSigningKey } from './signing-key.ts'
import { auditorKey, openSigningDesk, recordsOf, type SigningDesk, signAt, signedBatch, stating } from './testing.ts'

const day = 24 * 60 * 60 * 1000

let key: Uint8Array
let desk: SigningDesk
beforeAll(async () => {
  key = await auditorKey()
})
afterEach(() => desk.workspace.dispose())

/** A desk with everything in place to sign. */
async function readyDesk(options: Parameters<typeof openSigningDesk>[0] = {}): Promise<void> {
  desk = await openSigningDesk({ key, ...options })
  desk.score()
}

const keptFiles = (): readonly string[] =>
  readdirSync(desk.workspace.folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /[0-9a-f]{64}(\.part)?$/.test(path),
  )

/** Tries to sign, and sees that nothing came of it: no signature, no file, no record. */
async function refused(
  attempt: () => ReturnType<typeof signAt>,
): Promise<{ readonly code: string; readonly message: string; readonly action?: string }> {
  const before = recordsOf(desk.workspace)
  const result = await attempt()
  if (result.ok) throw new Error('It was signed')
  expect(recordsOf(desk.workspace)).toEqual(before)
  expect(keptFiles()).toEqual([])
  expect(desk.detail()).toMatchObject({ status: 'approved', certificates: [] })
  return result.error
}

describe('nothing is signed and nothing recorded', () => {
  test.each([
    [365 * day, '365 days behind'],
    [-365 * day, '365 days ahead of'],
    [day, '1 day behind'],
  ])('with a clock that is %i ms off the cloud', async (clockOffsetMilliseconds, words) => {
    await readyDesk()
    const context = desk.workspace.as(people.auditor, { clockOffsetMilliseconds })
    expect(await refused(() => signAt(desk, {}, { context }))).toMatchObject({
      code: 'clock_wrong',
      message: expect.stringContaining(words),
      action: expect.stringContaining('Set the computer to the right date'),
    })
  })

  test('when the batch is another one than the certificate was prepared for', async () => {
    await readyDesk()
    expect(await refused(() => signAt(desk, { contentHash: 'f'.repeat(64) }))).toMatchObject({ code: 'stale' })
  })

  test('when what is mirrored is not what the content hash is over', async () => {
    await readyDesk()
    desk.workspace.database.write((handle) =>
      handle.prepare('update batch set quantity = quantity + 1 where id = ?').run(signedBatch),
    )
    expect(await refused(() => signAt(desk))).toMatchObject({ code: 'stale', action: expect.stringContaining('Sync') })
  })

  test.each(['car', 'cl'] as const)('with an open %s', async (kind) => {
    await readyDesk()
    const raised = raiseFinding(desk.context, {
      batchId: signedBatch,
      kind,
      title: 'Ticket without a signature',
      description: 'Ticket 2 is not signed.',
      criterionCode: null,
      evidenceFileId: null,
      dueAt: null,
      misstatement: null,
    })
    expect(raised.ok).toBe(true)
    expect(await refused(() => signAt(desk))).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('Ticket without a signature'),
    })
  })

  test('with no points on a knock-out criterion, and before every criterion is scored', async () => {
    desk = await openSigningDesk({ key })
    expect(await refused(() => signAt(desk))).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('4 criteria have no score'),
    })
    desk.score({ 'E-01': 0 })
    expect(await refused(() => signAt(desk))).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('E-01'),
    })
  })

  test('while unopened files are not acknowledged', async () => {
    await readyDesk()
    expect(await refused(() => signAt(desk, stating({ acknowledgedGates: [] })))).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('Weighbridge ticket 1; Weighbridge ticket 2'),
    })
  })

  test('by acknowledging a gate that blocks', async () => {
    desk = await openSigningDesk({ key })
    const acknowledgedGates = ['incomplete_scores', 'unviewed_evidence']
    expect(await refused(() => signAt(desk, stating({ acknowledgedGates })))).toMatchObject({ code: 'blocked' })
  })

  test.each([
    ['a desk verifier', people.desk],
    ['a compliance officer', people.compliance],
    ['a recycler', people.recycler],
  ] as const)('for %s', async (_, person: Person) => {
    await readyDesk()
    expect(await refused(() => signAt(desk, {}, { context: desk.workspace.as(person) }))).toMatchObject({
      code: 'not_allowed',
      message: expect.stringContaining('Only an accredited auditor'),
    })
  })

  test('for an auditor to whom the batch is not assigned any more', async () => {
    await readyDesk()
    desk.workspace.database.write((handle) =>
      handle.prepare('update assignment set ended_at = ? where user_id = ?').run('2026-11-19', people.auditor.id),
    )
    expect(await refused(() => signAt(desk))).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('not assigned to you'),
    })
  })

  test('for an auditor who approved the batch', async () => {
    await readyDesk()
    desk.workspace.database.write((handle) =>
      insertInto(handle, 'decision', {
        id: 'approval',
        batch_id: signedBatch,
        actor_id: people.auditor.id,
        action: 'approve',
        from_status: 'under_review',
        to_status: 'approved',
        reason_code: 'other',
        reason: 'Approved',
        content_hash: desk.detail().batch.contentHash,
        unviewed_evidence_count: 0,
        decided_at: '2026-11-19T09:00:00.000Z',
        received_at: '2026-11-19T09:00:01.000Z',
        version: 1,
        scopes: 1,
      }),
    )
    expect(await refused(() => signAt(desk))).toMatchObject({
      code: 'blocked',
      message: expect.stringContaining('approved this batch yourself'),
    })
  })

  test('for a batch that is not here', async () => {
    await readyDesk()
    expect(await refused(() => signAt(desk, { batchId: fixture.batch(9) }))).toMatchObject({ code: 'not_found' })
  })

  test('with the wrong passphrase, without a key, and with a certificate that ran out', async () => {
    await readyDesk()
    expect(await refused(() => signAt(desk, { passphrase: 'wrong' }))).toMatchObject({
      code: 'signing_key_wrong_passphrase',
    })
    desk.workspace.clock.advance(3 * 365 * day)
    expect(await refused(() => signAt(desk))).toMatchObject({
      code: 'signing_certificate_expired',
      message: expect.stringContaining('this computer shows 2029'),
    })
    removeSigningKey(desk.context)
    expect((await refused(() => signAt(desk))).code).toBe('signing_key_missing')
  })

  test('with a character that cannot be printed, which is named with its place', async () => {
    await readyDesk()
    expect(await refused(() => signAt(desk, stating({ addressee: 'Pengurus 東京' })))).toMatchObject({
      code: 'glyph_missing',
      message: 'The character “東” (U+6771) in the addressee cannot be printed on a certificate.',
      action: expect.any(String),
    })
  })

  test.each(['adverse', 'disclaimed'] as const)('for an %s opinion, which no certificate carries', async (opinion) => {
    await readyDesk()
    // With a passphrase that opens nothing: the opinion is looked at before the key is.
    const attempt = () =>
      signAt(desk, { ...stating({ opinion, basis: 'Half of the tickets are forged.' }), passphrase: '' })
    expect(await refused(attempt)).toMatchObject({
      code: 'invalid_input',
      message: 'A certificate carries an unmodified or a qualified opinion.',
      action: expect.stringContaining('Reject the batch or request changes'),
    })
  })

  test('for a qualified opinion without its basis', async () => {
    await readyDesk()
    expect(await refused(() => signAt(desk, stating({ opinion: 'qualified' })))).toMatchObject({
      code: 'invalid_input',
      action: expect.stringContaining('basis'),
    })
  })

  test('when the disk is full while the file is kept', async () => {
    const full: VaultDisk = {
      ...systemDisk,
      open: async () => {
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      },
    }
    await readyDesk({ disk: full })
    expect(await refused(() => signAt(desk))).toMatchObject({
      code: 'disk_full',
      action: expect.stringContaining('Free'),
    })
  })
})
