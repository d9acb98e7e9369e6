import { Plus, X } from 'lucide-react'
import { memo, useId, useState } from 'react'
import type { BatchFacets } from '../../../shared/contract/views.ts'
import { unsentCount } from '../../app/connection-words.ts'
import { useChannel } from '../../app/use-channel.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { formatCount } from '../../ui/format.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { filterWords } from './filter-words.ts'
import styles from './queue.module.css'
import type { QueueView } from './queue-view.ts'

const countOf = ({ filter }: QueueView, facets: BatchFacets | undefined): number | null => {
  if (facets === undefined || filter.text !== '' || filter.standards.length > 0) return null
  if (filter.statuses.length === 0) return facets.total
  return filter.statuses.reduce((sum, status) => sum + (facets.byStatus[status] ?? 0), 0)
}

/** The saved views down the left edge of the queue, each with its count and its key. */
export const SavedViews = memo(function SavedViews({
  views,
  activeId,
  onChoose,
  onRemove,
  onSave,
}: {
  readonly views: readonly QueueView[]
  readonly activeId: string
  readonly onChoose: (view: QueueView) => void
  readonly onRemove: (view: QueueView) => void
  readonly onSave: () => void
}) {
  const assigned = useChannel('batch.facets', { assignment: 'assigned', since: null }).data
  const pool = useChannel('batch.facets', { assignment: 'pool', since: null }).data
  const all = useChannel('batch.facets', { assignment: 'all', since: null }).data
  const sync = useChannel('sync.state', {}).data
  const facets = { assigned, pool, all }
  const count = (view: QueueView): number | null =>
    view.filter.unsentOnly
      ? sync === undefined
        ? null
        : unsentCount(sync)
      : countOf(view, facets[view.filter.assignment])

  const row = (view: QueueView, index: number) => {
    const shown = count(view)
    return (
      <li key={view.id} className={styles.viewRow}>
        <button
          type="button"
          className={styles.view}
          aria-current={view.id === activeId ? 'true' : undefined}
          onClick={() => onChoose(view)}
        >
          <span className={styles.viewName}>{view.name}</span>
          {shown === null ? null : <span className={styles.viewCount}>{formatCount(shown)}</span>}
          {index < 9 ? <Kbd keys={String(index + 1)} /> : null}
        </button>
        {view.own ? (
          <span className={styles.viewRemove}>
            <IconButton
              size="small"
              label={`Remove the view ${view.name}`}
              icon={<X size={14} />}
              onClick={() => onRemove(view)}
            />
          </span>
        ) : null}
      </li>
    )
  }
  const own = views.filter((view) => view.own)
  return (
    <nav className={styles.views} aria-label="Views of the queue">
      <h1 className={styles.viewsTitle}>Queue</h1>
      <ul>{views.filter((view) => !view.own).map((view) => row(view, views.indexOf(view)))}</ul>
      <h2 className={styles.viewsLabel}>Saved views</h2>
      <ul>{own.map((view) => row(view, views.indexOf(view)))}</ul>
      <button type="button" className={styles.view} onClick={onSave}>
        <Plus size={14} aria-hidden="true" />
        <span className={styles.viewName}>Save this view</span>
        <Kbd keys="S" />
      </button>
    </nav>
  )
})

/** Asks for the name of a view that is to be saved. */
export function SaveViewDialog({
  open,
  view,
  onSave,
  onClose,
}: {
  readonly open: boolean
  readonly view: Pick<QueueView, 'filter'>
  readonly onSave: (name: string) => void
  readonly onClose: () => void
}) {
  const [name, setName] = useState('')
  const form = useId()
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Save this view"
      description={`Filter: ${filterWords(view.filter)}.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form} disabled={name.trim() === ''}>
            Save view
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() === '') return
          onSave(name.trim())
          setName('')
        }}
      >
        <TextField label="Name" value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
      </form>
    </Dialog>
  )
}
