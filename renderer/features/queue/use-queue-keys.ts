import { actionWords } from '../../app/decision/action-words.ts'
import {
  type LastReasons,
  pressKey,
  type QueueAction,
  type ReasonStrip,
  type StripStep,
} from '../../app/decision/reason-strip.ts'
import { useKeys } from '../../app/keymap/keymap.tsx'
import type { KeyBinding } from '../../app/keymap/resolve-key.ts'

/** What the keys of the queue do. */
export interface QueueCommands {
  readonly strip: ReasonStrip
  readonly last: LastReasons
  readonly onStep: (step: StripStep) => void
  readonly move: (by: 1 | -1) => void
  readonly extend: (by: 1 | -1) => void
  readonly toggle: () => void
  readonly selectAll: () => void
  readonly clear: () => void
  readonly search: () => void
  readonly sort: () => void
  readonly peek: () => void
  readonly open: () => void
  readonly decide: (action: QueueAction) => void
  readonly claim: () => void
  readonly retake: () => void
  readonly saveView: () => void
  readonly view: (index: number) => void
  readonly viewNames: readonly string[]
}

const stripKeys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'Enter', 'Escape'] as const

/** Binds the keys of the queue. While the reason strip is open, digits, Enter and Escape are its own wherever the focus is. */
export function useQueueKeys(commands: QueueCommands): void {
  const asking = commands.strip.kind !== 'closed'
  const bind = (keys: string, label: string, run: () => void, paletteHidden = false): KeyBinding => ({
    keys,
    label,
    group: 'Queue',
    run,
    disabled: asking,
    paletteHidden,
  })
  const decide = (action: QueueAction) =>
    bind(actionWords[action].key, actionWords[action].command, () => commands.decide(action))
  useKeys([
    bind('J', 'Next batch', () => commands.move(1), true),
    bind('K', 'Batch before', () => commands.move(-1), true),
    bind('X', 'Select or deselect', commands.toggle),
    bind('Shift+J', 'Extend the selection down', () => commands.extend(1), true),
    bind('Shift+K', 'Extend the selection up', () => commands.extend(-1), true),
    bind('*', 'Select all that match', commands.selectAll),
    bind('Escape', 'Clear the selection', commands.clear, true),
    bind('/', 'Search the queue', commands.search),
    bind('O', 'Order by', commands.sort),
    bind('Space', 'Peek', commands.peek),
    bind('Enter', 'Open the batch', commands.open),
    decide('approve'),
    decide('reject'),
    decide('request_changes'),
    bind('C', 'Claim from the pool', commands.claim),
    bind('U', 'Take in what has changed', commands.retake),
    bind('S', 'Save this view', commands.saveView),
    ...commands.viewNames
      .slice(0, 9)
      .map((name, index) => bind(String(index + 1), `View: ${name}`, () => commands.view(index))),
  ])
  useKeys(
    asking
      ? stripKeys.map((key) => ({
          keys: key,
          label:
            key === 'Enter' ? 'Repeat the last reason, or confirm' : key === 'Escape' ? 'Step back' : `Reason ${key}`,
          group: 'Reason',
          paletteHidden: true,
          run: () => commands.onStep(pressKey(commands.strip, key, commands.last)),
        }))
      : [],
    'front',
  )
}
