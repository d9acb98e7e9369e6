import type { PhotoRecipe } from '../photo/photo.ts'

/** Where the weighing or metering happened, and whose instrument it was. */
export interface Site {
  readonly operator: string
  readonly project: string
  readonly place: string
  readonly timeZone: string
}

/** A weighing or metering instrument and its calibration. */
export interface Instrument {
  readonly id: string
  readonly description: string
  readonly serial: string
  readonly certificateNumber: string
  readonly laboratory: string
  /** `YYYY-MM-DD` */
  readonly calibratedOn: string
  readonly validUntil: string
}

/** A truckload at the gate. Weights in whole kilograms. */
export interface Load {
  readonly ticketNumber: string
  /** Instant (UTC) of the full weighing. */
  readonly weighedAt: string
  readonly minutesOnSite: number
  readonly vehicle: string
  readonly driver: string
  readonly carrier: string
  readonly origin: string
  readonly distanceKm: number
  readonly material: string
  readonly grossKg: number
  readonly tareKg: number
  /** What the ticket prints as net; equals gross minus tare unless it is wrong on purpose. */
  readonly netKg: number
}

/** Quantities of a period in kilograms, by line of the workbook. */
export interface MassBalance {
  readonly openingKg: number
  readonly productKg: number
  readonly residueKg: number
  readonly lossKg: number
  readonly closingKg: number
}

/** What is on an energy workbook, in whole kilowatt-hours except for the readings. */
export interface EnergyBalance {
  readonly openingReading: number
  readonly closingReading: number
  readonly multiplier: number
  readonly generationKwh: number
  readonly ownUseKwh: number
  readonly lossKwh: number
  readonly exportKwh: number
}

/** A meter reading that was taken by hand. */
export interface Reading {
  readonly number: string
  readonly readAt: string
  readonly previous: number
  readonly current: number
}

/** Everything that one file is made from. Equal recipes make equal bytes. */
export type EvidenceRecipe =
  | {
      readonly make: 'weighbridge_ticket'
      readonly seed: number
      readonly site: Site
      readonly instrument: Instrument
      readonly load: Load
      readonly weigher: string
      readonly destination: string
    }
  | {
      readonly make: 'calibration_certificate'
      readonly seed: number
      readonly site: Site
      readonly instrument: Instrument
      readonly subject: 'weighbridge' | 'meter'
    }
  | {
      readonly make: 'laboratory_report'
      readonly seed: number
      readonly site: Site
      readonly number: string
      readonly material: string
      readonly sampledAt: string
      readonly carbon: boolean
    }
  | {
      readonly make: 'meter_reading'
      readonly seed: number
      readonly site: Site
      readonly instrument: Instrument
      readonly reading: Reading
      readonly multiplier: number
      readonly reader: string
    }
  | {
      readonly make: 'mass_balance'
      readonly site: Site
      readonly material: string
      readonly periodStart: string
      readonly periodEnd: string
      readonly loads: readonly Load[]
      readonly balance: MassBalance
      readonly claimedHundredths: number
      readonly factorHundredths: number
      readonly preparedBy: string
    }
  | {
      readonly make: 'energy_balance'
      readonly site: Site
      readonly periodStart: string
      readonly periodEnd: string
      readonly balance: EnergyBalance
      readonly readings: readonly Reading[]
      readonly preparedBy: string
    }
  | {
      readonly make: 'transport_log'
      readonly seed: number
      readonly site: Site
      readonly loads: readonly Load[]
      readonly productKg: number
      readonly buyer: string
      readonly periodEnd: string
    }
  | {
      readonly make: 'interval_export'
      readonly seed: number
      readonly site: Site
      readonly instrument: Instrument
      readonly readings: readonly Reading[]
      readonly multiplier: number
    }
  | {
      readonly make: 'scanned_log'
      readonly seed: number
      readonly site: Site
      readonly pages: number
      readonly periodStart: string
      readonly material: string
      readonly totalKg: number
      readonly names: readonly string[]
    }
  | { readonly make: 'photo'; readonly photo: PhotoRecipe }
