import { FileInput, FileOutput } from 'lucide-react'
import { useRef, useState } from 'react'
import { outboxFileExtension } from '../../../shared/domain/outbox-file.ts'
import { Button } from '../../ui/button.tsx'
import { HandOverDialog } from './hand-over-dialog.tsx'
import { SubmitDialog } from './submit-dialog.tsx'

export { SubmitDialog } from './submit-dialog.tsx'

/** The two ends of a handover: writing what is unsent to a file, and submitting such a file. */
export function HandoverActions() {
  const [handingOver, setHandingOver] = useState(false)
  const [file, setFile] = useState<File | null>(null)
  const chooser = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button icon={<FileOutput size={14} />} onClick={() => setHandingOver(true)}>
        Hand over unsent changes…
      </Button>
      <Button icon={<FileInput size={14} />} onClick={() => chooser.current?.click()}>
        Submit a file…
      </Button>
      <input
        ref={chooser}
        type="file"
        accept={outboxFileExtension}
        aria-label="Outbox file to submit"
        hidden
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          event.target.value = ''
          if (chosen !== undefined) setFile(chosen)
        }}
      />
      {handingOver ? <HandOverDialog onClose={() => setHandingOver(false)} /> : null}
      {file === null ? null : <SubmitDialog file={file} onClose={() => setFile(null)} />}
    </>
  )
}
