/** One measured figure beside its target and, where there is one, the same work done the plainest way in the same run. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target: number
  readonly better: 'lower' | 'higher'
  readonly ok: boolean
  readonly peer?: { readonly name: string; readonly value: number; readonly unit: string }
}

/** The value below which this share of the samples lies (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN
}

/** Milliseconds that each run of some work takes, after a few that do not count. */
export function measure(runs: number, work: (run: number) => void, warmUp = 3): readonly number[] {
  const samples: number[] = []
  for (let run = 0; run < runs + warmUp; run++) {
    const started = performance.now()
    work(run)
    if (run >= warmUp) samples.push(performance.now() - started)
  }
  return samples
}
