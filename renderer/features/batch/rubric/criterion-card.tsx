import { Link2, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Criterion } from '../../../../shared/domain/rubric.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { classNames } from '../../../ui/class-names.ts'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Kbd } from '../../../ui/kbd.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { TextArea } from '../../../ui/text-field.tsx'
import { VisuallyHidden } from '../../../ui/visually-hidden.tsx'
import { useDesk } from '../desk-context.tsx'
import { activeFile } from '../desk-view.ts'
import { evidenceKindLabels } from '../evidence/evidence-words.tsx'
import type { CriterionWork } from './criterion-work.ts'
import styles from './rubric.module.css'
import type { Scores } from './use-scores.ts'

/** The score of a criterion in one or two characters. */
function ScoreMark({ work, knockOut }: { readonly work: CriterionWork; readonly knockOut: boolean }) {
  if (work.points !== null)
    return (
      <span className={classNames(styles.score, knockOut && work.points === 0 && styles.knockedOut)}>
        {work.points}
      </span>
    )
  if (work.notApplicableReason !== null) return <span className={styles.score}>n/a</span>
  return (
    <span className={styles.unscored} role="img" aria-label="Not scored">
      –
    </span>
  )
}

/** One criterion: a line, and when it has the focus also guidance, the meaning of each score, note and linked evidence. */
export function CriterionCard({
  criterion,
  work,
  scores,
  focused,
  onFocus,
  onNotApplicable,
}: {
  readonly criterion: Criterion
  readonly work: CriterionWork
  readonly scores: Scores
  readonly focused: boolean
  readonly onFocus: () => void
  readonly onNotApplicable: () => void
}) {
  const line = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (focused) line.current?.scrollIntoView({ block: 'nearest' })
  }, [focused])
  return (
    <li className={classNames(styles.criterion, focused && styles.focused)} data-criterion={criterion.code}>
      <h4>
        <button
          ref={line}
          type="button"
          className={styles.line}
          aria-expanded={focused}
          tabIndex={focused ? 0 : -1}
          data-criterion-line
          onClick={onFocus}
        >
          <span className={styles.code}>{criterion.code}</span>
          <span className={styles.question}>{criterion.question}</span>
          {criterion.knockOut ? <Badge tone="warning">Knock-out</Badge> : null}
          {scores.saving.has(criterion.code) ? <span className={styles.saving} aria-hidden="true" /> : null}
          <ScoreMark work={work} knockOut={criterion.knockOut} />
        </button>
      </h4>
      {focused ? (
        <CriterionBody criterion={criterion} work={work} scores={scores} onNotApplicable={onNotApplicable} />
      ) : null}
    </li>
  )
}

function CriterionBody({
  criterion,
  work,
  scores,
  onNotApplicable,
}: {
  readonly criterion: Criterion
  readonly work: CriterionWork
  readonly scores: Scores
  readonly onNotApplicable: () => void
}) {
  const { code } = criterion
  const { detail, view, openFile } = useDesk()
  const file = detail.evidence.find((candidate) => candidate.id === activeFile(view))
  const linked = file !== undefined && work.evidenceFileIds.includes(file.id)
  return (
    <div className={styles.body}>
      <p className={styles.guidance}>{criterion.guidance}</p>
      <p className={styles.meta}>
        Weight {criterion.weight}
        {criterion.requiredEvidence.length === 0
          ? null
          : ` · Rests on: ${criterion.requiredEvidence.map((kind) => evidenceKindLabels[kind].toLowerCase()).join(', ')}`}
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame and cannot be a grid everywhere */}
      <div className={styles.anchors} role="group" aria-label={`Points for ${code}`}>
        {criterion.anchors.map((anchor, points) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: the index is the score
            key={points}
            type="button"
            className={classNames(styles.anchor, work.points === points && styles.given)}
            aria-pressed={work.points === points}
            onClick={() => scores.give(code, { points, notApplicableReason: null })}
          >
            <Kbd keys={String(points)} />
            <VisuallyHidden> points: </VisuallyHidden>
            <span>{anchor}</span>
          </button>
        ))}
        <button
          type="button"
          className={classNames(styles.anchor, work.notApplicableReason !== null && styles.given)}
          aria-pressed={work.notApplicableReason !== null}
          disabled={criterion.notApplicable === 'never'}
          onClick={onNotApplicable}
        >
          <Kbd keys="." />
          <span>
            {criterion.notApplicable === 'never'
              ? 'Always applies'
              : work.notApplicableReason === null
                ? 'Not applicable, with a reason'
                : `Not applicable: ${work.notApplicableReason}`}
          </span>
        </button>
      </div>
      {scores.failure?.code === code ? <ErrorNotice error={scores.failure.error} /> : null}
      <TextArea
        label="Note"
        optional
        rows={2}
        maxLength={20_000}
        value={work.note}
        {...(work.unsaved
          ? {
              hint: work.scored
                ? 'Kept as a draft; recorded when you leave the field.'
                : 'Kept as a draft; recorded together with the score.',
            }
          : {})}
        onChange={(event) => scores.writeNote(code, event.currentTarget.value)}
        onBlur={() => scores.keepNote(code)}
      />
      <div className={styles.links}>
        <Button
          size="small"
          icon={<Link2 size={14} />}
          keys="L"
          disabled={file === undefined}
          onClick={() => {
            if (file !== undefined) scores.toggleLink(code, file.id)
          }}
        >
          {linked ? 'Unlink open file' : 'Link open file'}
        </Button>
        {work.evidenceFileIds.map((id) => {
          const title = detail.evidence.find((candidate) => candidate.id === id)?.title ?? 'A file that was removed'
          return (
            <span key={id} className={styles.link}>
              <button type="button" className={styles.linkName} onClick={() => openFile(id)}>
                {title}
              </button>
              <IconButton
                size="small"
                label={`Unlink ${title}`}
                icon={<X size={12} />}
                onClick={() => scores.toggleLink(code, id)}
              />
            </span>
          )
        })}
      </div>
    </div>
  )
}
