import { useDesk } from './desk-context.tsx'

/** Answers with the name of a person, as far as the batch tells who took part in it. */
export function usePersonNames(): (personId: string) => string {
  const { detail, person } = useDesk()
  return (personId) => {
    if (personId === person.id) return 'You'
    if (personId === detail.batch.recyclerId) return detail.recyclerName
    return detail.decisions.find(({ actorId }) => actorId === personId)?.actorName ?? 'Another verifier'
  }
}
