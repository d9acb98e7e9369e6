import { uuidOf } from './random.ts'

/** What somebody does in the demo register. */
export type DemoPersonKind =
  | 'accredited_auditor'
  | 'desk_verifier'
  | 'field_agent'
  | 'compliance_officer'
  | 'admin'
  | 'recycler'

/** Whether the account gets in, and why not. */
export type DemoAccount = 'active' | 'pending' | 'rejected' | 'suspended'

/** One account of the demo register. */
export interface DemoPerson {
  /** UUID, the same for every seed. */
  readonly id: string
  readonly email: string
  readonly password: string
  readonly name: string
  /** The kind in words, for lists of accounts. */
  readonly roleLabel: string
  readonly kind: DemoPersonKind
  /** Name of the organization; one of `demoOrganizations`. */
  readonly organization: string
  readonly account: DemoAccount
}

/** An organization of the demo register. */
export interface DemoOrganization {
  /** UUID, the same for every seed. */
  readonly id: string
  readonly name: string
  readonly kind: 'registry' | 'verification_body' | 'recycler'
  /** ISO 3166-1 alpha-2. */
  readonly country: string
}

/** The password of every demo account. Published on purpose: the demo register runs on loopback only. */
export const DEMO_PASSWORD = 'veridesk-demo'

const organization = (kind: DemoOrganization['kind'], name: string, country: string): DemoOrganization => ({
  id: uuidOf(`organization:${name}`),
  name,
  kind,
  country,
})

const registry = organization('registry', 'Network Review Office', 'SG')
const halden = organization('verification_body', 'Halden Moore Assurance', 'GB')
const nusantara = organization('verification_body', 'Nusantara Verifikasi Mandiri', 'ID')
const cauca = organization('verification_body', 'Cauca Auditoría Ambiental', 'CO')
const recyclers = [
  organization('recycler', 'Samudra Daur Ulang', 'ID'),
  organization('recycler', 'Ganga Polymer Recovery', 'IN'),
  organization('recycler', 'Mekong Circular Materials', 'VN'),
  organization('recycler', 'Recicla Andina', 'CO'),
  organization('recycler', 'Savanna Mediterra Recovery', 'KE'),
] as const

/** Verification bodies, the registry's own office, and recyclers. Nobody who verifies belongs to a recycler. */
export const demoOrganizations: readonly DemoOrganization[] = [registry, halden, nusantara, cauca, ...recyclers]

const roleLabels: Readonly<Record<DemoPersonKind, string>> = {
  accredited_auditor: 'Accredited auditor',
  desk_verifier: 'Desk verifier',
  field_agent: 'Field agent',
  compliance_officer: 'Compliance officer',
  admin: 'Administrator',
  recycler: 'Recycler',
}

const person = (
  kind: DemoPersonKind,
  name: string,
  login: string,
  employer: DemoOrganization,
  account: DemoAccount = 'active',
): DemoPerson => {
  const email = `${login}@veridesk.example`
  return {
    id: uuidOf(`person:${email}`),
    email,
    password: DEMO_PASSWORD,
    name,
    roleLabel: roleLabels[kind],
    kind,
    organization: employer.name,
    account,
  }
}

const active: readonly DemoPerson[] = [
  person('accredited_auditor', 'Ingrid Solheim', 'ingrid.solheim', halden),
  person('accredited_auditor', 'Bayu Prasetyo', 'bayu.prasetyo', nusantara),
  person('accredited_auditor', 'Catalina Restrepo', 'catalina.restrepo', cauca),
  person('desk_verifier', 'Wei Ling Tan', 'weiling.tan', registry),
  person('desk_verifier', 'Arjun Menon', 'arjun.menon', registry),
  person('desk_verifier', 'Nadia Benali', 'nadia.benali', registry),
  person('field_agent', 'Dewi Lestari', 'dewi.lestari', nusantara),
  person('field_agent', 'Kwame Boateng', 'kwame.boateng', halden),
  person('field_agent', 'Joaquín Vélez', 'joaquin.velez', cauca),
  person('compliance_officer', 'Ruth Abernathy', 'ruth.abernathy', registry),
  person('compliance_officer', 'Hiroshi Tanabe', 'hiroshi.tanabe', registry),
  person('compliance_officer', 'Fatoumata Diallo', 'fatoumata.diallo', registry),
  person('admin', 'Oluwaseun Adeyemi', 'oluwaseun.adeyemi', registry),
  person('recycler', 'Putri Handayani', 'putri.handayani', recyclers[0]),
  person('recycler', 'Rohit Banerjee', 'rohit.banerjee', recyclers[1]),
  person('recycler', 'Nguyễn Thu Hà', 'nguyen.thuha', recyclers[2]),
  person('recycler', 'Andrés Quintero', 'andres.quintero', recyclers[3]),
  person('recycler', 'Wanjiru Kamau', 'wanjiru.kamau', recyclers[4]),
]

const withoutAccess: readonly DemoPerson[] = [
  person('desk_verifier', 'Tomás Herrera', 'tomas.herrera', cauca, 'pending'),
  person('field_agent', 'Liesl Brandt', 'liesl.brandt', halden, 'rejected'),
  person('accredited_auditor', 'Viktor Anand', 'viktor.anand', halden, 'suspended'),
]

/**
 * Everybody who can sign in: three accredited auditors, desk verifiers, field agents and compliance officers, one
 * administrator, five recyclers. A compliance officer is a verifier without a sub-role who holds the `compliance` grant.
 */
export const demoPeople = (): readonly DemoPerson[] => active

/** Three accounts that are turned away: one waits for approval, one was rejected, one is suspended. */
export const demoPeopleWithoutAccess = (): readonly DemoPerson[] => withoutAccess

/** The people of one kind who can sign in, in a fixed order. */
export const demoPeopleOfKind = (kind: DemoPersonKind): readonly DemoPerson[] =>
  active.filter((candidate) => candidate.kind === kind)
