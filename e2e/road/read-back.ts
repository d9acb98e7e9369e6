import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@supabase/supabase-js'
import pg from 'pg'
import type { DemoCloud } from '../../tools/demo-cloud/start-demo-cloud.ts'
import type { RoadLog } from './road-report.ts'

/** A tool's output, or why it did not run. */
function outputOf(
  command: string,
  commandArguments: readonly string[],
): { readonly ok: boolean; readonly text: string } {
  try {
    return {
      ok: true,
      text: execFileSync(command, commandArguments, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    }
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) }
  }
}

/** The signed bytes and the CMS of a PDF's only signature, as OpenSSL takes them. */
function takeApart(pdf: Buffer): { readonly content: Buffer; readonly cms: Buffer } {
  const range = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/.exec(pdf.toString('latin1'))?.slice(1).map(Number)
  if (range === undefined) throw new Error('The certificate has no signature')
  const [start = 0, length = 0, second = 0, rest = 0] = range
  const padded = Buffer.from(pdf.toString('latin1', start + length + 1, second - 1), 'hex')
  // The DER says how long it is; the rest of the room is zeros.
  const lengthBytes = (padded[1] ?? 0) & 0x7f
  const size = 2 + lengthBytes + padded.readUIntBE(2, lengthBytes)
  return {
    content: Buffer.concat([pdf.subarray(start, start + length), pdf.subarray(second, second + rest)]),
    cms: padded.subarray(0, size),
  }
}

/** What other people's tools say of the certificate. */
function askOtherTools(log: RoadLog, certificatePath: string, rootPath: string): void {
  const pdfsig = outputOf('pdfsig', ['-nocert', certificatePath])
  log.check('pdfsig finds the signature valid', /Signature is Valid/.test(pdfsig.text), pdfsig.text.trim())
  log.check('pdfsig finds the whole document signed', /Total document signed/.test(pdfsig.text), pdfsig.text.trim())
  const folder = mkdtempSync(join(tmpdir(), 'veridesk-cms-'))
  const { content, cms } = takeApart(readFileSync(certificatePath))
  writeFileSync(join(folder, 'content'), content)
  writeFileSync(join(folder, 'cms'), cms)
  const openssl = outputOf('openssl', [
    'cms',
    '-verify',
    '-cades',
    '-binary',
    '-inform',
    'DER',
    '-in',
    join(folder, 'cms'),
    '-content',
    join(folder, 'content'),
    '-CAfile',
    rootPath,
    '-purpose',
    'any',
    '-out',
    join(folder, 'out'),
  ])
  log.check('openssl cms verifies the signature up to the trust anchor', openssl.ok, openssl.text.trim())
}

/** What a certificate on the disk must be equal to. */
export interface Expected {
  readonly batchId: string
  readonly certificatePath: string
  readonly findingTitle: string
  readonly criteria: number
}

/** Reads back from PostgreSQL with a plain connection, and from the object store, what the workstation says it sent. */
export async function readBack(log: RoadLog, demo: DemoCloud, expected: Expected): Promise<void> {
  const client = new pg.Client({ connectionString: demo.cloud.databaseUrl })
  await client.connect()
  try {
    const { rows: decisions } = await client.query(
      `select d.id, d.content_hash, b.content_hash as batch_hash_now, b.status, d.score::text, b.verification_score::text as batch_score
       from public.decisions d join public.batches b on b.id = d.batch_id where d.batch_id = $1 and d.action = 'verify'`,
      [expected.batchId],
    )
    log.check('the decision is in the cloud exactly once', decisions.length === 1, `${decisions.length} rows`)
    const [decision] = decisions
    log.check('the batch is verified', decision?.status === 'verified', String(decision?.status))
    log.check(
      'the decision is bound to the content hash that the cloud computes',
      decision !== undefined && decision.content_hash === decision.batch_hash_now,
      `${decision?.content_hash} and ${decision?.batch_hash_now}`,
    )
    log.check(
      'the score came across',
      decision !== undefined && decision.score !== null && decision.score === decision.batch_score,
      String(decision?.score),
    )

    const { rows: scores } = await client.query(
      'select count(*)::int as n from public.scores s join public.decisions d on d.batch_id = s.batch_id and d.actor_id = s.verifier_id where d.id = $1',
      [decision?.id],
    )
    log.check(
      'every criterion has its score in the cloud',
      scores[0]?.n === expected.criteria,
      `${scores[0]?.n} of ${expected.criteria}`,
    )
    const { rows: findings } = await client.query(
      `select f.status, count(r.id)::int as rounds from public.findings f join public.finding_rounds r on r.finding_id = f.id
       where f.batch_id = $1 and f.title = $2 group by f.id, f.status`,
      [expected.batchId, expected.findingTitle],
    )
    log.check(
      'the finding is closed with all its rounds',
      findings.length === 1 && findings[0]?.status === 'closed' && findings[0]?.rounds === 3,
      JSON.stringify(findings),
    )

    const { rows: certificates } = await client.query('select * from public.certificates where batch_id = $1', [
      expected.batchId,
    ])
    log.check('the certificate is in the cloud exactly once', certificates.length === 1, `${certificates.length} rows`)
    const [certificate] = certificates
    const { rows: audit } = await client.query(
      `select count(*) filter (where table_name = 'decisions' and record_id = $1)::int as decision,
         count(*) filter (where table_name = 'certificates' and record_id = $3)::int as certificate,
         count(*) filter (where table_name = 'batches' and record_id = $2 and new_values ->> 'status' = 'verified')::int as batch
       from public.audit_logs`,
      [decision?.id, expected.batchId, certificate?.id],
    )
    const present = audit[0]
    log.check(
      'the audit rows of decision, certificate and batch are there',
      present !== undefined && present.decision > 0 && present.certificate > 0 && present.batch > 0,
      JSON.stringify(present),
    )

    const bytes = readFileSync(expected.certificatePath)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    log.check(
      'the saved certificate is the one that the cloud names',
      certificate?.sha256 === sha256,
      `${certificate?.sha256} and ${sha256}`,
    )
    const storage = createClient(demo.cloud.url, demo.cloud.secretKey, { auth: { persistSession: false } }).storage
    const object =
      certificate === undefined ? null : await storage.from('certificates').download(certificate.object_path)
    const stored = object?.data
      ? createHash('sha256')
          .update(Buffer.from(await object.data.arrayBuffer()))
          .digest('hex')
      : null
    log.check("the certificate object's SHA-256 is equal", stored === sha256, `${stored} and ${sha256}`)
  } finally {
    await client.end()
  }
  askOtherTools(log, expected.certificatePath, demo.authority.rootPath)
}
