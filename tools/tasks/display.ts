/** Whether a window can be shown: always true but on Linux, where a display has to be named. */
export const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/** Whether pages are drawn without a window, as tests ask for it. */
export const isHeadless = process.env.VERIDESK_HEADLESS === '1'

/** Ends with what can be done when no window can be shown. `command` is the npm command that was given, such as `npm start`. */
export function requireDisplay(command: string): void {
  if (hasDisplay || isHeadless) return
  console.error(
    [
      'There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can be shown. To see Veridesk:',
      `  - run \`${command}\` on a machine with a display;`,
      `  - run \`xvfb-run -a ${command}\` for a display in memory, for instance behind a VNC server;`,
      '  - run `npm run tour`, which works without one and leaves pictures of each step in out/tour.',
    ].join('\n'),
  )
  process.exit(1)
}
