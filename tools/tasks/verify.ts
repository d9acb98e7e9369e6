import path from 'node:path'
import { parseArgs } from 'node:util'
import { verifyFiles } from '../verify/verify-files.ts'

const usage = `npm run verify -- [--trust ANCHOR.pem] [--json] FILE...

Checks signed certificates by themselves, without database or network.

--trust  a certificate (PEM or DER) that vouches for signers; without it, the demo authority's root of this machine
--json   prints the reports as JSON

Ends with 0 only if every file is VALID.`

function readArguments(): { trust: string | null; json: boolean; files: string[] } | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        trust: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help || positionals.length === 0) return null
    return { trust: values.trust ?? null, json: values.json, files: positionals }
  } catch {
    return null
  }
}

const request = readArguments()
if (request === null) {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 1
} else {
  const { output, exitCode } = await verifyFiles({
    ...request,
    // npm runs its scripts in the repository; the paths were written where the person stands.
    folder: process.env.INIT_CWD ?? process.cwd(),
    demoRoot: path.resolve(import.meta.dirname, '../../.local-cloud/authority/root.pem'),
    at: new Date(),
  })
  process.stdout.write(output)
  process.exitCode = exitCode
}
