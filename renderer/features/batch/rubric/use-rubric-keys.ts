import { useKeys } from '../../../app/keymap/keymap.tsx'
import type { KeyBinding } from '../../../app/keymap/resolve-key.ts'
import { useToast } from '../../../app/toasts.tsx'
import { useDesk } from '../desk-context.tsx'
import { activeFile } from '../desk-view.ts'
import { stepCriterion } from './rubric-navigation.ts'
import type { Scores } from './use-scores.ts'

const group = 'Rubric'
const allPoints = [0, 1, 2, 3, 4, 5] as const

/** Binds the keys of the rubric. They act wherever the focus is on the screen, so that a score can be given with the eyes on a file. */
export function useRubricKeys(
  scores: Scores,
  codes: readonly string[],
  onMove: (code: string) => void,
  onNotApplicable: (code: string) => void,
): void {
  const { detail, view } = useDesk()
  const say = useToast()
  const code = view.criterion
  const criterion = detail.rubric?.criteria.find((candidate) => candidate.code === code)
  const disabled = criterion === undefined
  const move = (direction: 1 | -1) => {
    const next = stepCriterion(codes, code, direction)
    if (next !== null) onMove(next)
  }
  const points: readonly KeyBinding[] = allPoints.map((value) => ({
    keys: String(value),
    label: `Give ${value === 1 ? '1 point' : `${String(value)} points`}`,
    group,
    disabled,
    paletteHidden: true,
    run: () => {
      if (code !== null) scores.give(code, { points: value, notApplicableReason: null })
    },
  }))
  useKeys([
    { keys: 'J', label: 'Next criterion', group, disabled, paletteHidden: true, run: () => move(1) },
    { keys: 'K', label: 'Criterion before', group, disabled, paletteHidden: true, run: () => move(-1) },
    ...points,
    {
      keys: '.',
      label: 'Not applicable, with a reason',
      group,
      disabled,
      run: () => {
        if (criterion === undefined) return
        if (criterion.notApplicable === 'never')
          say({ text: `${criterion.code} always applies.`, detail: 'Give it 0 to 5 points.' })
        else onNotApplicable(criterion.code)
      },
    },
    {
      keys: 'L',
      label: 'Link the open file to the criterion, or unlink it',
      group,
      disabled,
      run: () => {
        const fileId = activeFile(view)
        if (code !== null && fileId !== null) scores.toggleLink(code, fileId)
      },
    },
  ])
}
