import { createHash, X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type IssuedCertificate, issueCertificate, toPem } from '../../electron/signing/testing/issue-certificate.ts'
import { makePkcs12 } from '../../electron/signing/testing/make-pkcs12.ts'

/** Opens every key file of the demo. It is no secret: the keys vouch for made-up people and are made anew on every machine. */
export const demoPassphrase = 'veridesk-demo'

/** A made-up person who signs. */
export interface DemoPerson {
  readonly email: string
  readonly name: string
  readonly organisation: string
}

/** A key file and what opens it. */
export interface DemoKey {
  readonly p12Path: string
  readonly passphrase: string
}

/** The demo's certificate authority as it lies on disk. */
export interface DemoAuthority {
  /** The trust anchor, PEM. */
  readonly rootPem: string
  readonly rootPath: string
  /** By e-mail address. */
  readonly keys: ReadonlyMap<string, DemoKey>
}

const day = 24 * 60 * 60 * 1000

/** Shorter than this, a key would run out while a demo is shown. */
const shortestRemainder = 30 * day

/**
 * Makes the demo's certificate authority on the first start: a root, an authority below it, and for each person a signing key in
 * a PKCS#12 file, by turns RSA-2048 and P-256. What is there already and still valid is kept, so a second call changes nothing;
 * a person who is new gets a key. No private key is ever part of the repository. Files are readable by their owner alone.
 */
export async function ensureDemoAuthority(
  directory: string,
  people: readonly DemoPerson[],
  { now = new Date() }: { readonly now?: Date } = {},
): Promise<DemoAuthority> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const { root, issuing } = await ensureAuthorities(directory, now)
  const keys = new Map<string, DemoKey>()
  for (const [index, person] of people.entries()) {
    const algorithm = index % 2 === 0 ? 'rsa' : 'ec'
    keys.set(person.email, await ensureKey(directory, person, algorithm, root, issuing, now))
  }
  return { rootPem: toPem(root.certificateDer), rootPath: join(directory, 'root.pem'), keys }
}

interface Authorities {
  readonly root: IssuedCertificate
  readonly issuing: IssuedCertificate
}

async function ensureAuthorities(directory: string, now: Date): Promise<Authorities> {
  const path = join(directory, 'authority.json')
  const kept = readAuthorities(path)
  if (kept !== null && isCurrent(kept.root.certificateDer, now)) {
    // The anchor is written from the authority and not the other way round: it can be lost or altered without harm.
    writePrivately(join(directory, 'root.pem'), toPem(kept.root.certificateDer))
    return kept
  }
  const request = {
    organisation: 'Veridesk demonstration',
    algorithm: 'ec',
    usage: ['certificateSigning', 'crlSigning'],
    validFrom: new Date(now.getTime() - day),
    validTo: new Date(now.getTime() + 10 * 365 * day),
  } as const
  const root = await issueCertificate({ ...request, commonName: 'Veridesk Demo Root CA', authority: { pathLength: 1 } })
  const issuing = await issueCertificate({
    ...request,
    commonName: 'Veridesk Demo Issuing CA',
    authority: { pathLength: 0 },
    issuer: root,
  })
  writePrivately(path, `${JSON.stringify({ root: encode(root), issuing: encode(issuing) })}\n`)
  writePrivately(join(directory, 'root.pem'), toPem(root.certificateDer))
  return { root, issuing }
}

async function ensureKey(
  directory: string,
  person: DemoPerson,
  algorithm: 'rsa' | 'ec',
  root: IssuedCertificate,
  issuing: IssuedCertificate,
  now: Date,
): Promise<DemoKey> {
  const name = fileName(person.email)
  const p12Path = join(directory, `${name}.p12`)
  const certificatePath = join(directory, `${name}.pem`)
  const key = { p12Path, passphrase: demoPassphrase }
  if (existsSync(p12Path) && isIssuedBy(certificatePath, issuing, now)) return key
  const own = await issueCertificate({
    commonName: person.name,
    organisation: person.organisation,
    email: person.email,
    algorithm,
    usage: ['digitalSignature', 'nonRepudiation'],
    authority: null,
    validFrom: new Date(now.getTime() - day),
    validTo: new Date(now.getTime() + 3 * 365 * day),
    issuer: issuing,
  })
  const chain = [issuing.certificateDer, root.certificateDer]
  writePrivately(p12Path, await makePkcs12(own, chain, demoPassphrase))
  // Last, because it is what says that the key file is whole.
  writePrivately(certificatePath, toPem(own.certificateDer))
  return key
}

function isIssuedBy(certificatePath: string, issuing: IssuedCertificate, now: Date): boolean {
  try {
    const certificate = new X509Certificate(readFileSync(certificatePath))
    const issuer = new X509Certificate(issuing.certificateDer)
    return certificate.verify(issuer.publicKey) && isCurrent(certificate.raw, now)
  } catch {
    return false
  }
}

function isCurrent(certificateDer: Uint8Array, now: Date): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certificateDer)
  return validFromDate <= now && now.getTime() + shortestRemainder < validToDate.getTime()
}

/** Names stay readable, and two addresses never share one. */
function fileName(email: string): string {
  const digest = createHash('sha256').update(email).digest('hex').slice(0, 8)
  return `${email.replace(/[^A-Za-z0-9.-]+/g, '-')}-${digest}`
}

interface EncodedCertificate {
  readonly certificate: string
  readonly privateKey: string
  readonly algorithm: 'rsa' | 'ec'
}

function encode({ certificateDer, privateKeyDer, algorithm }: IssuedCertificate): EncodedCertificate {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  return { certificate: base64(certificateDer), privateKey: base64(privateKeyDer), algorithm }
}

function readAuthorities(path: string): Authorities | null {
  if (!existsSync(path)) return null
  try {
    const decode = ({ certificate, privateKey, algorithm }: EncodedCertificate): IssuedCertificate => ({
      certificateDer: Buffer.from(certificate, 'base64'),
      privateKeyDer: Buffer.from(privateKey, 'base64'),
      algorithm,
    })
    const stored: { root: EncodedCertificate; issuing: EncodedCertificate } = JSON.parse(readFileSync(path, 'utf8'))
    return { root: decode(stored.root), issuing: decode(stored.issuing) }
  } catch {
    // A file that broke off is no loss in a demo: everything below it is made anew.
    return null
  }
}

/** Written beside and moved into place, so that a reader never sees half a file. */
function writePrivately(path: string, content: string | Uint8Array): void {
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, content, { mode: 0o600 })
  chmodSync(draft, 0o600)
  renameSync(draft, path)
}
