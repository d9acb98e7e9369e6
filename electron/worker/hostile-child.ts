import { answerRequest } from '../platform/hostile/answer-request.ts'

/*
 * Entry of the child process that reads files nobody vouches for. It gets one request and one file on standard input, answers one
 * line of JSON and ends. It may hang, run out of memory or crash: whoever started it kills it and says that the file cannot be read.
 * A reader is loaded when it is asked for, so that a table does not wait for what checks signatures.
 */

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk)
const answer = await answerRequest(Buffer.concat(chunks), {
  photo: async (bytes) => (await import('../platform/hostile/read-photo.ts')).readPhoto(bytes),
  csv: async (bytes) => (await import('../platform/hostile/read-table.ts')).readCsv(bytes),
  workbook: async (bytes) => (await import('../platform/hostile/read-table.ts')).readWorkbook(bytes),
  outbox: async (bytes) => (await import('../handover/read-outbox-file.ts')).readOutboxFile(bytes),
  certificate: async (bytes, { trustAnchors, at }) => {
    const { verifyPdf } = await import('../signing/verify-pdf.ts')
    const anchors = trustAnchors.map((anchor) => Buffer.from(anchor, 'base64'))
    return { kind: 'certificate', report: await verifyPdf(bytes, { trustAnchors: anchors, at: new Date(at) }) }
  },
})
process.stdout.write(`${JSON.stringify(answer)}\n`)
