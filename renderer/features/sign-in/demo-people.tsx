import { ArrowRight } from 'lucide-react'
import type { DemoPerson } from '../../../shared/contract/views.ts'
import { initialsOf } from '../../ui/initials.ts'
import styles from './sign-in.module.css'

/** What each kind of person comes here for, found by the words of the role. */
const purposes: readonly (readonly [word: string, purpose: string])[] = [
  ['auditor', 'reviews evidence, signs certificates'],
  ['desk', 'decides from the keyboard'],
  ['compliance', 'audit log and reports'],
  ['admin', 'sees the whole register'],
  ['field', 'adds photos and notes on site'],
]

/** The people of the demo cloud, one click each. */
export function DemoPeople({
  people,
  busy,
  onChoose,
}: {
  readonly people: readonly DemoPerson[]
  readonly busy: boolean
  readonly onChoose: (person: DemoPerson) => void
}) {
  return (
    <section className={styles.section} aria-label="Demo people">
      <div>
        <h2 className={styles.sectionTitle}>Try it as</h2>
        <p className={styles.hint}>Made-up batches on this computer. Nothing leaves it.</p>
      </div>
      <div className={styles.people}>
        {people.map((person) => {
          const purpose = purposes.find(([word]) => person.roleLabel.toLowerCase().includes(word))?.[1]
          return (
            <button
              key={person.email}
              type="button"
              className={styles.person}
              disabled={busy}
              onClick={() => onChoose(person)}
            >
              <span className={styles.initials} aria-hidden="true">
                {initialsOf(person.name)}
              </span>
              <span className={styles.personText}>
                <span className={styles.personName}>{person.name}</span>
                <br />
                <span className={styles.personRole}>
                  {person.roleLabel}
                  {purpose === undefined ? '' : `: ${purpose}`}
                </span>
              </span>
              <ArrowRight size={16} aria-hidden="true" />
            </button>
          )
        })}
      </div>
    </section>
  )
}
