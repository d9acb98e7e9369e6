import { Download, FileJson, Sheet } from 'lucide-react'
import { useState } from 'react'
import type { WrittenReport } from '../../../shared/contract/views.ts'
import type { OutboxState } from '../../../shared/domain/sync-state.ts'
import { useKeys } from '../../app/keymap/keymap.tsx'
import { useCall } from '../../app/use-call.ts'
import { WrittenFile } from '../../app/written-file.tsx'
import { Button } from '../../ui/button.tsx'
import { formatNoun } from '../../ui/format.ts'
import { Menu, type MenuEntry } from '../../ui/menu.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import styles from './sync-center.module.css'

/** Which changes an export is about. */
export interface ExportScope {
  /** The list that is shown, in words and states. */
  readonly label: string
  readonly states: readonly OutboxState[]
  /** The chosen changes, or the one that is open. */
  readonly chosen: readonly string[]
}

/** Writes changes to a file, and what came of it. */
export function useChangesExport() {
  const write = useCall('outbox.export')
  const [written, setWritten] = useState<WrittenReport | null>(null)
  return {
    busy: write.busy,
    error: write.error,
    written,
    forget: () => setWritten(null),
    run: async (
      states: readonly OutboxState[],
      mutationIds: readonly string[] | null,
      format: 'json' | 'csv',
    ): Promise<void> => {
      const result = await write.run({
        states: [...states],
        mutationIds: mutationIds === null ? null : [...mutationIds],
        format,
      })
      if (result.ok && result.value !== null) setWritten(result.value)
    },
  }
}

type ChangesExport = ReturnType<typeof useChangesExport>

/** Offers the chosen changes, those of the list, and all of them, as JSON with proof or as a table. */
export function ExportMenu({ scope, files }: { readonly scope: ExportScope; readonly files: ChangesExport }) {
  const [open, setOpen] = useState(false)
  useKeys([{ keys: 'Ctrl+E', label: 'Export changes', group: 'Sync center', run: () => setOpen(true) }])
  const both = (
    key: string,
    title: string,
    states: readonly OutboxState[],
    ids: readonly string[] | null,
  ): readonly MenuEntry[] => [
    { kind: 'label', key: `${key}.label`, label: title },
    {
      kind: 'action',
      key: `${key}.json`,
      label: 'JSON, with bodies, answers and hashes as proof',
      icon: <FileJson size={14} />,
      onSelect: () => void files.run(states, ids, 'json'),
    },
    {
      kind: 'action',
      key: `${key}.csv`,
      label: 'CSV, one line for each',
      icon: <Sheet size={14} />,
      onSelect: () => void files.run(states, ids, 'csv'),
    },
  ]
  return (
    <Menu
      align="end"
      open={open}
      onOpenChange={setOpen}
      entries={[
        ...(scope.chosen.length === 0
          ? []
          : both('chosen', formatNoun(scope.chosen.length, 'chosen change'), [], scope.chosen)),
        ...both('list', `The list “${scope.label}”`, scope.states, null),
        ...both('all', 'All changes', [], null),
      ]}
      trigger={
        <Button icon={<Download size={14} />} keys="Ctrl+E" busy={files.busy}>
          Export
        </Button>
      }
    />
  )
}

/** The file that was written, or why none was. */
export function ExportResult({ files }: { readonly files: ChangesExport }) {
  const { written, error } = files
  if (written === null && error === null) return null
  return (
    <div className={styles.result}>
      {error === null ? null : <ErrorNotice error={error} />}
      {written === null ? null : <WrittenFile file={written} counted="Changes" onClose={files.forget} />}
    </div>
  )
}
