import { type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes, useId } from 'react'
import { classNames } from './class-names.ts'
import styles from './text-field.module.css'
import { VisuallyHidden } from './visually-hidden.tsx'

interface FieldProps {
  readonly label: string
  /** The label is spoken and not shown; for fields that their place explains. */
  readonly labelHidden?: boolean
  /** Marks the field as one that may stay empty. */
  readonly optional?: boolean
  readonly hint?: ReactNode
  /** What is wrong, and what to write instead. */
  readonly error?: string | null
  readonly large?: boolean
  readonly mono?: boolean
  readonly search?: boolean
  readonly before?: ReactNode
  readonly after?: ReactNode
}

/** Props of `TextField`; every attribute of an input element passes through. */
export interface TextFieldProps extends FieldProps, Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'style'> {
  readonly ref?: Ref<HTMLInputElement>
}

/** Props of `TextArea`; every attribute of a textarea element passes through. */
export interface TextAreaProps
  extends FieldProps,
    Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'className' | 'style'> {
  readonly ref?: Ref<HTMLTextAreaElement>
}

/** Label, box, hint and error around a control, tied together for assistive technology. */
function FieldFrame({
  id,
  label,
  labelHidden = false,
  optional = false,
  hint,
  error,
  large = false,
  search = false,
  before,
  after,
  children,
}: FieldProps & { readonly id: string; readonly children: ReactNode }) {
  const invalid = typeof error === 'string' && error !== ''
  return (
    <div
      className={classNames(styles.field, large && styles.large, search && styles.search, invalid && styles.invalid)}
    >
      <label htmlFor={id} className={labelHidden ? styles.labelHidden : styles.label}>
        {labelHidden ? <VisuallyHidden>{label}</VisuallyHidden> : label}
        {optional ? <span className={styles.optional}>Optional</span> : null}
      </label>
      <div className={styles.box}>
        {before}
        {children}
        {after}
      </div>
      {hint === undefined ? null : (
        <p className={styles.hint} id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {invalid ? (
        <p className={styles.error} id={`${id}-error`}>
          {error}
        </p>
      ) : null}
    </div>
  )
}

const describedBy = (id: string, hint: ReactNode, error: string | null | undefined): string | undefined => {
  const ids = [
    hint === undefined ? '' : `${id}-hint`,
    error === undefined || error === null || error === '' ? '' : `${id}-error`,
  ]
  return ids.filter((part) => part !== '').join(' ') || undefined
}

/** One line of text. */
export function TextField({
  label,
  labelHidden,
  optional,
  hint,
  error,
  large,
  mono = false,
  search,
  before,
  after,
  ...rest
}: TextFieldProps) {
  const ownId = useId()
  const id = rest.id ?? ownId
  const frame = { label, labelHidden, optional, hint, error, large, search, before, after }
  return (
    <FieldFrame id={id} {...definedOnly(frame)} label={label}>
      <input
        autoComplete="off"
        spellCheck={false}
        {...rest}
        id={id}
        aria-invalid={typeof error === 'string' && error !== '' ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        className={classNames(styles.input, mono && styles.mono)}
      />
    </FieldFrame>
  )
}

/** Several lines of text. */
export function TextArea({
  label,
  labelHidden,
  optional,
  hint,
  error,
  large,
  mono = false,
  search,
  before,
  after,
  ...rest
}: TextAreaProps) {
  const ownId = useId()
  const id = rest.id ?? ownId
  const frame = { label, labelHidden, optional, hint, error, large, search, before, after }
  return (
    <FieldFrame id={id} {...definedOnly(frame)} label={label}>
      <textarea
        {...rest}
        id={id}
        aria-invalid={typeof error === 'string' && error !== '' ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        className={classNames(styles.input, mono && styles.mono)}
      />
    </FieldFrame>
  )
}

type Defined<Shape> = { [Key in keyof Shape]?: Exclude<Shape[Key], undefined> }

const definedOnly = <Shape extends object>(shape: Shape): Defined<Shape> =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Defined<Shape>
