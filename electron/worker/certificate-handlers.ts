import type { WrittenReport } from '../../shared/contract/views.ts'
import { ok, type Result } from '../../shared/result.ts'
import { listAuditEntries } from '../audit-trail/list-audit-entries.ts'
import { verifyAuditChain } from '../audit-trail/verify-audit-chain.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import { type CertificateFile, findCertificate } from '../certificates/find-certificate.ts'
import { importSigningKey, removeSigningKey, signingKeyState } from '../certificates/signing-key.ts'
import { verifyCertificate } from '../certificates/verify-certificate.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { readDecisionsRegister } from '../reports/decisions-register.ts'
import { registerFileName } from '../reports/register-file-name.ts'
import { writeWholeFile } from '../reports/write-whole-file.ts'
import type { WorkspaceFiles } from '../workspace/workspace-files.ts'
import type { HandlersOf } from './handler-types.ts'
import { bytesInMemory } from './open-files.ts'
import { vaultFile } from './vault-file.ts'
import { afterChange, inWorkspace, type WorkerParts } from './worker-parts.ts'

/** What makes documents is read when the first one is made: PDF and fonts are half of the program, and no start needs them. */
const documents = () => import('./documents.ts')

type Names = `signingKey.${string}` | `certificate.${string}` | `audit.${string}` | `report.${string}`

const pdf = 'application/pdf'

/** Signing, certificates, the audit log and reports. */
export function certificateHandlers(parts: WorkerParts): HandlersOf<Names> {
  const within = inWorkspace(parts)
  return {
    'signingKey.state': () => within((context) => signingKeyState(context)),
    'signingKey.import': (input) => within((context) => importSigningKey(context, input)),
    'signingKey.remove': () => within((context) => removeSigningKey(context)),
    'certificate.preview': (input) =>
      within(async (context) => {
        const preview = await (await documents()).previewCertificate(context, await parts.fonts(), input)
        if (!preview.ok) return preview
        const opened = parts.openFiles.open(
          `preview:${input.batchId}`,
          { mediaType: pdf, fileName: 'draft.pdf' },
          bytesInMemory(preview.value),
        )
        return ok({
          ...opened,
          mediaType: pdf,
          byteSize: preview.value.byteLength,
          sha256: sha256Hex(preview.value),
        })
      }),
    'certificate.sign': (input) =>
      within(async (context, workspace) => {
        const signed = await (await documents()).signBatchCertificate(
          context,
          workspace.files,
          await parts.fonts(),
          input,
        )
        if (!signed.ok) return signed
        afterChange(parts, workspace, [input.batchId])
        const detail = getBatchDetail(context, { batchId: input.batchId })
        return detail.ok ? ok({ ...signed.value, detail: detail.value }) : detail
      }),
    'certificate.open': ({ certificateId }) =>
      within(async (context, { files }) => {
        const found = findCertificate(context, certificateId)
        if (!found.ok) return found
        const { sha256, byteSize, number } = found.value
        const here = await bringHere(files, found.value)
        if (!here.ok) return here
        const opened = parts.openFiles.open(
          sha256,
          { mediaType: pdf, fileName: `${number}.pdf` },
          vaultFile(files, sha256, byteSize),
        )
        return ok({ ...opened, mediaType: pdf, byteSize, sha256 })
      }),
    'certificate.save': ({ certificateId }) =>
      within(async (context, { files }) => {
        const found = findCertificate(context, certificateId)
        if (!found.ok) return found
        const here = await bringHere(files, found.value)
        if (!here.ok) return here
        const bytes = await files.read(found.value.sha256)
        if (!bytes.ok) return bytes
        const path = await parts.main('chooseSavePath', {
          fileName: `${found.value.number}.pdf`,
          title: 'Save certificate',
        })
        if (path === null) return ok(null)
        const written = await writeWholeFile(path, bytes.value)
        return written.ok ? ok({ path }) : written
      }),
    'certificate.verify': (input) => within((context) => verifyCertificate(context, parts.hostileReader, input)),
    'audit.list': (input) => within((context) => listAuditEntries(context, input)),
    'audit.verify': (input) =>
      within((context) => verifyAuditChain(context, input, (progress) => parts.announce('audit.progressed', progress))),
    'report.decisions': ({ from, to, limit }) =>
      within((context) => ok(readDecisionsRegister(context, { from, to }, limit))),
    'report.write': (input) =>
      within<WrittenReport | null>(async (context) => {
        const path = await parts.main('chooseSavePath', {
          fileName: registerFileName(input),
          title: 'Save decisions register',
        })
        return path === null ? ok(null) : (await documents()).writeRegister(context, parts.fontsDirectory, input, path)
      }),
  }
}

/** One that was signed here lies in the vault before the cloud has heard of it; any other is fetched. */
async function bringHere(files: WorkspaceFiles, { sha256, byteSize }: CertificateFile): Promise<Result<unknown>> {
  const local = await files.readRange(sha256, 0, Math.min(1, byteSize))
  return local.ok ? local : files.ensure(sha256)
}
