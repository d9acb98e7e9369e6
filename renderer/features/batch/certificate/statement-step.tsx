import { assuranceLevels, opinions } from '../../../../shared/domain/decision.ts'
import { Select } from '../../../ui/select.tsx'
import { TextArea, TextField } from '../../../ui/text-field.tsx'
import styles from './certificate.module.css'
import { assuranceWords, opinionWords, type StatementErrors, type StatementForm } from './statement-form.ts'

/** What the auditor states. Kept as a draft while it is typed. */
export function StatementStep({
  form,
  errors,
  onChange,
}: {
  readonly form: StatementForm
  readonly errors: StatementErrors
  readonly onChange: (some: Partial<StatementForm>) => void
}) {
  return (
    <div className={styles.column}>
      <div className={styles.pair}>
        <div>
          <Select
            label="Opinion"
            value={form.opinion}
            options={opinions.map((value) => ({ value, label: opinionWords[value].label }))}
            onChange={(opinion) => onChange({ opinion })}
          />
          <p className={styles.fieldNote}>{opinionWords[form.opinion].meaning}</p>
        </div>
        <div>
          <Select
            label="Level of assurance"
            value={form.assuranceLevel}
            options={assuranceLevels.map((value) => ({ value, label: assuranceWords[value].label }))}
            onChange={(assuranceLevel) => onChange({ assuranceLevel })}
          />
          <p className={styles.fieldNote}>{assuranceWords[form.assuranceLevel].meaning}</p>
        </div>
      </div>
      <div data-first-field>
        <TextField
          label="Addressee"
          maxLength={2000}
          value={form.addressee}
          error={errors.addressee ?? null}
          onChange={(event) => onChange({ addressee: event.currentTarget.value })}
        />
      </div>
      <TextArea
        label="Procedures"
        hint="What was done, one procedure per line. Change the usual text to what you did."
        rows={8}
        maxLength={20_000}
        value={form.procedures}
        error={errors.procedures ?? null}
        onChange={(event) => onChange({ procedures: event.currentTarget.value })}
      />
      {form.opinion === 'unmodified' ? null : (
        <TextArea
          label="Basis for the opinion"
          rows={4}
          maxLength={20_000}
          value={form.basis}
          error={errors.basis ?? null}
          onChange={(event) => onChange({ basis: event.currentTarget.value })}
        />
      )}
    </div>
  )
}
