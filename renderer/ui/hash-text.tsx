import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { classNames } from './class-names.ts'
import { shortHash } from './format.ts'
import styles from './hash-text.module.css'
import { IconButton } from './icon-button.tsx'

/** A hash or another machine-made name in fixed width, with a button that copies all of it. */
export function HashText({
  value,
  label,
  whole = false,
  copy = true,
}: {
  readonly value: string
  /** What is copied, such as "batch hash". */
  readonly label: string
  /** Shows every digit, wrapped; otherwise the beginning and the end. */
  readonly whole?: boolean
  readonly copy?: boolean
}) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <span className={classNames(styles.hash, whole && styles.whole)}>
      <span className={styles.text} title={whole ? undefined : value}>
        {whole ? value : shortHash(value)}
      </span>
      {copy ? (
        <IconButton
          size="small"
          label={copied ? 'Copied' : `Copy ${label}`}
          icon={copied ? <Check size={13} /> : <Copy size={13} />}
          onClick={() => {
            navigator.clipboard.writeText(value).then(
              () => setCopied(true),
              () => setCopied(false),
            )
          }}
        />
      ) : null}
    </span>
  )
}
