interface Command {
  readonly label: string
  readonly group: string
  readonly keys: string
}

/**
 * The commands whose label or group has every word of the text, each at the beginning of a word; labels that begin with the text
 * come first. An empty text finds all. Of two commands with the same keys only the nearer one, the later, is found.
 */
export function matchCommands<Item extends Command>(commands: readonly Item[], text: string): readonly Item[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const nearest = commands.filter(
    (command, index) => commands.findLastIndex(({ keys }) => keys === command.keys) === index,
  )
  const found = nearest.filter((command) => {
    const parts = `${command.label} ${command.group}`.toLowerCase().split(/[^\p{L}\p{N}]+/u)
    return words.every((word) => parts.some((part) => part.startsWith(word)))
  })
  const beginning = words.join(' ')
  const groups = [...new Set(commands.map(({ group }) => group))]
  // Groups that are nearer to the person first; within a group as they are bound.
  const rank = (command: Item): number =>
    (command.label.toLowerCase().startsWith(beginning) ? 0 : groups.length) - groups.indexOf(command.group)
  return [...found].sort((left, right) => rank(left) - rank(right))
}
