import { classNames } from './class-names.ts'
import styles from './kbd.module.css'

const symbols: Readonly<Record<string, string>> = { Left: '←', Right: '→', Up: '↑', Down: '↓', Escape: 'Esc' }

/**
 * Shows keys, such as `Ctrl+K` (together) or `G Q` (one after the other).
 * `plain` takes the color of its surroundings, for use on colored buttons.
 */
export function Kbd({ keys, plain = false }: { readonly keys: string; readonly plain?: boolean }) {
  const parts = keys.split(' ').flatMap((chord) => (chord === '+' ? ['+'] : chord.split('+')))
  return (
    <span className={classNames(styles.keys, plain && styles.plain)}>
      {parts.map((part, index) => (
        <kbd className={styles.key} key={`${part}-${String(index)}`}>
          {symbols[part] ?? part}
        </kbd>
      ))}
    </span>
  )
}
