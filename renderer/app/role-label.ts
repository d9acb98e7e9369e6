import type { Person } from '../../shared/domain/person.ts'

/** What a person is called by their role. */
export function roleLabel(person: Pick<Person, 'role' | 'subRole' | 'grants'>): string {
  if (person.grants.includes('compliance')) return 'Compliance officer'
  if (person.role === 'admin') return 'Administrator'
  switch (person.subRole) {
    case 'accredited_auditor':
      return 'Accredited auditor'
    case 'desk_verifier':
      return 'Desk verifier'
    case 'field_agent':
      return 'Field agent'
    case null:
      return 'Verifier'
  }
}
