/** The six crediting standards of the registry, as the `standard` check of the cloud schema has them. */
export const standards = ['APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX'] as const

/** One of the six crediting standards. */
export type Standard = (typeof standards)[number]

/** The unit in which a standard counts `tons_or_kwh`. */
export const quantityUnit: Readonly<Record<Standard, 't' | 'kWh'>> = {
  APRS: 't',
  ARCS: 't',
  AEMAS: 'kWh',
  ACCCS: 't',
  AMCAVS: 't',
  PCX: 't',
}
