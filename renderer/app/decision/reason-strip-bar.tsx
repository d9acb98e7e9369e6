import { type KeyboardEvent, useEffect, useRef } from 'react'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { Notice } from '../../ui/notice.tsx'
import { StatusShape } from '../../ui/status-shape.tsx'
import { TextArea } from '../../ui/text-field.tsx'
import { chordOf } from '../keymap/key-chord.ts'
import { actionWords, batches } from './action-words.ts'
import styles from './reason-strip.module.css'
import {
  confirmReason,
  type LastReasons,
  pickReason,
  pressKey,
  type ReasonStrip,
  reasonsOf,
  type StripStep,
  submitWords,
} from './reason-strip.ts'

const shapeOf = { approve: 'approved', reject: 'rejected', request_changes: 'changes_requested' } as const

/**
 * The strip over the grid that asks for the reason of a decision. It has the keyboard while it is open.
 * `remarks` say beforehand what the decision acknowledges and what will be refused.
 */
export function ReasonStripBar({
  strip,
  subject,
  filterName,
  remarks,
  last,
  onStep,
}: {
  readonly strip: Exclude<ReasonStrip, { kind: 'closed' }>
  /** The batch or batches that are meant, in words. */
  readonly subject: string
  readonly filterName: string
  readonly remarks: readonly string[]
  readonly last: LastReasons
  readonly onStep: (step: StripStep) => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const words = useRef<HTMLTextAreaElement>(null)
  const { kind, action } = strip
  useEffect(() => {
    if (kind === 'writing') words.current?.focus()
    else box.current?.focus()
  }, [kind])
  const onKeyDown = (event: KeyboardEvent) => {
    const chord = chordOf(event)
    if (chord === null) return
    const onButton = event.target instanceof HTMLButtonElement
    if (onButton && (chord === 'Enter' || chord === 'Space')) return
    const step = pressKey(strip, chord === 'Ctrl+Enter' ? 'Enter' : chord, last)
    if (step.strip === strip && step.record === null) return
    event.preventDefault()
    event.stopPropagation()
    onStep(step)
  }
  const command = actionWords[action].command
  const repeated = last[action]
  return (
    <div className={styles.dock}>
      <div
        ref={box}
        className={styles.strip}
        role="dialog"
        aria-label={`${command}: ${subject}. Choose a reason`}
        data-own-keys
        tabIndex={-1}
        onKeyDown={onKeyDown}
      >
        <div className={styles.stripHead}>
          <span className={styles[action]}>
            <StatusShape status={shapeOf[action]} size={16} />
          </span>
          <span className={styles.stripTitle}>
            {command}: {subject}
          </span>
          <Kbd keys="Esc" />
        </div>
        {kind === 'choosing' ? (
          <div className={styles.reasons}>
            {reasonsOf(action).map((reason) => (
              <button
                key={reason.code}
                type="button"
                className={styles.reason}
                onClick={() => onStep(pickReason(strip, reason))}
              >
                <Kbd keys={reason.key} />
                <span className={styles.reasonLabel}>{reason.label}</span>
                {repeated?.code === reason.code ? <Kbd keys="Enter" /> : null}
              </button>
            ))}
          </div>
        ) : kind === 'writing' ? (
          <TextArea
            ref={words}
            label="Reason in your own words"
            rows={3}
            maxLength={2000}
            value={strip.text}
            onChange={(event) => onStep({ strip: { ...strip, text: event.target.value }, record: null })}
          />
        ) : (
          <Notice tone="warning" title={`${command} ${batches(strip.count)} at once?`} live>
            Filter: {filterName}. Reason: {strip.reason.words}.
          </Notice>
        )}
        {remarks.map((remark) => (
          <p key={remark} className={classNames(styles.foot)}>
            {remark}
          </p>
        ))}
        {kind === 'choosing' ? null : (
          <div className={styles.foot}>
            <span className={styles.footText} />
            <Button onClick={() => onStep(pressKey(strip, 'Escape', last))}>Back</Button>
            <Button
              variant="primary"
              keys="Enter"
              disabled={strip.kind === 'writing' && strip.text.trim() === ''}
              onClick={() => onStep(strip.kind === 'writing' ? submitWords(strip) : confirmReason(strip))}
            >
              {kind === 'confirming' ? `${command} ${batches(strip.count)}` : 'Give this reason'}
            </Button>
          </div>
        )}
      </div>
    </div>
  )
}
