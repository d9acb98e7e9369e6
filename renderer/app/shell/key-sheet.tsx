import { Dialog } from '../../ui/dialog.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { Notice } from '../../ui/notice.tsx'
import { isCharacterChord } from '../keymap/key-chord.ts'
import { useBoundKeys } from '../keymap/keymap.tsx'
import { useSettings } from '../settings.tsx'
import styles from './key-sheet.module.css'

/** Every key that acts on the screen that is open, by group. */
export function KeySheet({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const bindings = useBoundKeys()
  const { settings } = useSettings()
  const groups = [...new Set(bindings.map((binding) => binding.group))].reverse()
  return (
    <Dialog open={open} onClose={onClose} title="Keys" size="wide">
      {settings.singleLetterKeys ? null : (
        <Notice>Keys of a single character are switched off in the settings. Everything else works.</Notice>
      )}
      <div className={styles.groups}>
        {groups.map((group) => (
          <section key={group} className={styles.group}>
            <h3 className={styles.title}>{group}</h3>
            <ul>
              {bindings
                .filter((binding) => binding.group === group)
                .map((binding) => {
                  const off = !settings.singleLetterKeys && isCharacterChord(binding.keys.split(' ')[0] ?? '')
                  return (
                    <li key={`${binding.keys}${binding.label}`} className={styles.row}>
                      <span className={off ? styles.off : undefined}>{binding.label}</span>
                      <Kbd keys={binding.keys} />
                    </li>
                  )
                })}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
