/** The most memory that this process has held, in MB. */
export function peakMegabytes(): number
