import { Dialog } from '@base-ui/react/dialog'
import { Search } from 'lucide-react'
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react'
import { Kbd } from '../../ui/kbd.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { useBoundKeys } from '../keymap/keymap.tsx'
import { matchCommands } from './match-commands.ts'
import styles from './palette.module.css'

/** Finds a command by its words and runs it (`Ctrl+K`). The commands are the keys that are bound at the moment. */
export function Palette({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose()
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Popup className={styles.palette}>
          <VisuallyHidden>
            <Dialog.Title>Commands</Dialog.Title>
          </VisuallyHidden>
          <Commands onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Commands({ onClose }: { readonly onClose: () => void }) {
  const bindings = useBoundKeys()
  const id = useId()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const option = useRef<HTMLDivElement>(null)
  const found = matchCommands(
    bindings.filter((binding) => binding.paletteHidden !== true && binding.disabled !== true),
    text,
  )
  const index = Math.min(chosen, found.length - 1)
  // In braces, because Chromium answers with a promise, which is no clean-up.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the row that is chosen is brought into sight whenever the choice moves
  useLayoutEffect(() => {
    option.current?.scrollIntoView({ block: 'nearest' })
  }, [index])

  const run = (at: number) => {
    const binding = found[at]
    if (binding === undefined) return
    onClose()
    // After the dialog has given the focus back, so that commands which move it are not overruled.
    setTimeout(() => binding.run(), 0)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      setChosen((index + step + found.length) % found.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(index)
    }
  }
  return (
    <>
      <div className={styles.input}>
        <Search size={16} aria-hidden="true" />
        <input
          role="combobox"
          aria-label="Find a command"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length === 0 ? undefined : `${id}-${String(index)}`}
          placeholder="Find a command"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setChosen(0)
          }}
          onKeyDown={onKeyDown}
        />
        <Kbd keys="Esc" />
      </div>
      <div className={styles.list} id={`${id}-list`} role="listbox" aria-label="Commands" tabIndex={-1}>
        {found.map((binding, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard
          <div
            key={`${binding.group} ${binding.keys} ${binding.label}`}
            ref={at === index ? option : null}
            id={`${id}-${String(at)}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === index}
            className={styles.option}
            onPointerMove={() => setChosen(at)}
            onClick={() => run(at)}
          >
            <span className={styles.label}>{binding.label}</span>
            <span className={styles.group}>{binding.group}</span>
            <Kbd keys={binding.keys} />
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className={styles.nothing}>No command has these words.</p> : null}
    </>
  )
}
