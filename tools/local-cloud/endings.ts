/** Things to end, in reverse order of their beginning; each is ended even if one before it fails. */
export class Endings {
  readonly #endings: (() => Promise<void> | void)[] = []
  #running: Promise<void> | undefined

  add(end: () => Promise<void> | void): void {
    this.#endings.push(end)
  }

  run(): Promise<void> {
    this.#running ??= this.#runAll()
    return this.#running
  }

  async #runAll(): Promise<void> {
    const failures: unknown[] = []
    for (const end of this.#endings.toReversed()) {
      try {
        await end()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'The local cloud did not end cleanly.')
  }
}
