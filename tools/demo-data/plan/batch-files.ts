import type { EvidenceKind } from '../../../shared/domain/evidence.ts'
import { addDays, addMinutes, instantAt } from '../calendar.ts'
import { grouped } from '../evidence/figures.ts'
import type { EvidenceRecipe } from '../evidence/recipes.ts'
import type { PhotoRecipe, PhotoSubject } from '../photo/photo.ts'
import { openRandom, uuidOf } from '../random.ts'
import type { Dossier } from './dossier.ts'
import type { DefectKind, FullEvidenceRecipe } from './full-evidence-recipes.ts'

/** A file of evidence that is yet to be made. */
export interface PlannedFile {
  readonly id: string
  readonly kind: EvidenceKind
  readonly title: string
  readonly fileName: string
  readonly mediaType: string
  readonly bucket: 'batch-photos' | 'verification-docs'
  readonly effectiveAt: string
  /** What the register's SHA-256 is taken of. */
  readonly recipe: EvidenceRecipe
  /** What is stored instead, for a file that was altered after it was registered. */
  readonly storedRecipe?: EvidenceRecipe
  /** Share of the bytes that is there, for a file that broke off. */
  readonly keep?: number
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const cameras = [
  { make: 'Fairline', model: 'F5 Pro' },
  { make: 'Orbis', model: 'Rugged 12' },
  { make: 'Kestra', model: 'K20' },
] as const

const has = (recipe: FullEvidenceRecipe, kind: DefectKind): boolean =>
  recipe.defects.some((defect) => defect.kind === kind)

const planPhotos = (dossier: Dossier): readonly PhotoRecipe[] => {
  const { recipe, project, loads, readings, photoMaterial } = dossier
  const random = openRandom(dossier.seed, 'photos')
  const siteSeed = Number.parseInt(project.id.slice(0, 8), 16) >>> 1
  const camera = random.pick(cameras)
  return Array.from({ length: recipe.photos }, (_, index): PhotoRecipe => {
    const load = loads[index % Math.max(1, loads.length)]
    const reading = readings[index % Math.max(1, readings.length)]
    let subject: PhotoSubject = { kind: index % 2 === 0 ? 'heap' : 'bales', material: photoMaterial }
    if (load === undefined) {
      subject =
        index % 2 === 0
          ? {
              kind: 'meter',
              serial: dossier.instrument.serial,
              reading: (reading?.current ?? 0).toFixed(1).padStart(9, '0'),
            }
          : { kind: 'panels' }
    } else if (index === 0) {
      subject = { kind: 'truck', material: photoMaterial, plate: load.vehicle, reading: `${grouped(load.grossKg)} kg` }
    }
    const happened = load?.weighedAt ?? reading?.readAt ?? instantAt(dossier.periodStart, '09:00', project.timeZone)
    return {
      seed: random.integer(1, 1_000_000),
      siteSeed,
      subject,
      takenAt: addMinutes(happened, index === 0 ? 1 : random.integer(4, 18)),
      timeZone: project.timeZone,
      // A site is a few hundred meters across.
      latitude: project.latitude + (random.next() - 0.5) * 0.003,
      longitude: project.longitude + (random.next() - 0.5) * 0.003,
      caption: project.name,
      camera,
      quality: 80,
    }
  })
}

const spoilPhoto = (dossier: Dossier, photo: PhotoRecipe): PhotoRecipe => {
  if (has(dossier.recipe, 'photo_place')) {
    // About 47 km north-east of the site.
    return { ...photo, latitude: photo.latitude + 0.3, longitude: photo.longitude + 0.3 }
  }
  if (has(dossier.recipe, 'photo_time')) return { ...photo, takenAt: addMinutes(photo.takenAt, -73 * 24 * 60) }
  return photo
}

const photoTitles: Readonly<Record<PhotoSubject['kind'], string>> = {
  truck: 'Truck on the weighbridge',
  bales: 'Bales in the yard',
  heap: 'Material before sorting',
  panels: 'Solar panels',
  meter: 'Export meter',
}

/** The files of one batch, with the defects that concern a file alone already in them. */
export const planFiles = (dossier: Dossier): PlannedFile[] => {
  const { recipe, site, instrument, seed, loads, readings, project } = dossier
  const files: PlannedFile[] = []
  const add = (
    name: string,
    file: Omit<PlannedFile, 'id' | 'bucket' | 'fileName'> & { readonly fileName: string },
  ): void => {
    files.push({
      ...file,
      id: uuidOf(`evidence:${recipe.key}:${name}`),
      bucket: file.kind === 'photo' ? 'batch-photos' : 'verification-docs',
    })
  }
  for (const [index, load] of loads.entries()) {
    const wrong = index === 1 && has(recipe, 'ticket_arithmetic')
    add(`ticket-${index}`, {
      kind: 'weighbridge_ticket',
      title: `Weighbridge ticket ${load.ticketNumber}`,
      fileName: `ticket-${load.ticketNumber}.pdf`,
      mediaType: 'application/pdf',
      effectiveAt: load.weighedAt,
      recipe: {
        make: 'weighbridge_ticket',
        seed,
        site,
        instrument,
        load: wrong ? { ...load, netKg: load.netKg + 2400 } : load,
        weigher: dossier.crew.weigher,
        destination: project.name,
      },
    })
  }
  const multiplier = dossier.energy?.multiplier ?? 1
  for (const [index, reading] of readings.entries()) {
    add(`reading-${index}`, {
      kind: 'monitoring_report',
      title: `Meter reading record ${reading.number}`,
      fileName: `reading-${reading.number}.pdf`,
      mediaType: 'application/pdf',
      effectiveAt: reading.readAt,
      recipe: { make: 'meter_reading', seed, site, instrument, reading, multiplier, reader: dossier.crew.weigher },
    })
  }
  for (const [index, photo] of planPhotos(dossier).entries()) {
    const taken = index === 0 ? spoilPhoto(dossier, photo) : photo
    add(`photo-${index}`, {
      kind: 'photo',
      title: `${photoTitles[taken.subject.kind]}, photo ${index + 1}`,
      fileName: `photo-${index + 1}.jpg`,
      mediaType: 'image/jpeg',
      effectiveAt: taken.takenAt,
      recipe: { make: 'photo', photo: taken },
      ...(index === 0 && has(recipe, 'unreadable_file') ? { keep: 0.02 } : {}),
    })
  }
  const period = { periodStart: dossier.periodStart, periodEnd: dossier.periodEnd }
  const closed = instantAt(addDays(dossier.periodEnd, 2), '15:30', project.timeZone)
  if (dossier.energy === null) {
    const { balance } = dossier
    const gap = has(recipe, 'mass_balance') ? Math.round((balance.productKg * 0.09) / 10) * 10 : 0
    add('mass-balance', {
      kind: 'mass_balance',
      title: `Mass balance ${period.periodStart.slice(0, 7)}`,
      fileName: `mass-balance-${period.periodStart.slice(0, 7)}.xlsx`,
      mediaType: XLSX,
      effectiveAt: closed,
      recipe: {
        make: 'mass_balance',
        site,
        material: project.material,
        ...period,
        loads,
        balance: { ...balance, closingKg: balance.closingKg + gap },
        claimedHundredths: dossier.quantity,
        factorHundredths: dossier.factorHundredths,
        preparedBy: dossier.crew.clerk,
      },
    })
    add('transport-log', {
      kind: 'transport_log',
      title: `Transport log ${period.periodStart.slice(0, 7)}`,
      fileName: `transport-log-${period.periodStart.slice(0, 7)}.csv`,
      mediaType: 'text/csv',
      effectiveAt: closed,
      recipe: {
        make: 'transport_log',
        seed,
        site,
        loads,
        productKg: balance.productKg,
        buyer: dossier.crew.buyer,
        periodEnd: dossier.periodEnd,
      },
    })
  } else {
    add('mass-balance', {
      kind: 'mass_balance',
      title: `Energy balance ${period.periodStart.slice(0, 7)}`,
      fileName: `energy-balance-${period.periodStart.slice(0, 7)}.xlsx`,
      mediaType: XLSX,
      effectiveAt: closed,
      recipe: {
        make: 'energy_balance',
        site,
        ...period,
        balance: dossier.energy,
        readings,
        preparedBy: dossier.crew.clerk,
      },
    })
    add('intervals', {
      kind: 'other',
      title: 'Data logger export, hourly',
      fileName: `intervals-${period.periodStart.slice(0, 7)}.csv`,
      mediaType: 'text/csv',
      effectiveAt: closed,
      recipe: { make: 'interval_export', seed, site, instrument, readings, multiplier },
    })
  }
  add('calibration', {
    kind: 'calibration_certificate',
    title: `Calibration certificate ${instrument.certificateNumber}`,
    fileName: `calibration-${instrument.certificateNumber}.pdf`,
    mediaType: 'application/pdf',
    effectiveAt: `${instrument.calibratedOn}T10:00:00.000Z`,
    recipe: {
      make: 'calibration_certificate',
      seed,
      site,
      instrument,
      subject: dossier.energy === null ? 'weighbridge' : 'meter',
    },
  })
  if (recipe.laboratory) {
    const sampledAt = instantAt(addDays(dossier.periodStart, 13), '11:00', project.timeZone)
    const number = `KP-${dossier.periodStart.slice(2, 4)}-${(seed % 9000) + 1000}`
    add('laboratory', {
      kind: 'laboratory_report',
      title: `Laboratory report ${number}`,
      fileName: `laboratory-${number}.pdf`,
      mediaType: 'application/pdf',
      effectiveAt: sampledAt,
      recipe: {
        make: 'laboratory_report',
        seed,
        site,
        number,
        material: project.material,
        sampledAt,
        carbon: project.standard === 'ACCCS',
      },
    })
  }
  if (recipe.scanPages > 0) {
    add('scan', {
      kind: 'monitoring_report',
      title: `Sorting line log, ${recipe.scanPages} scanned sheets`,
      fileName: `sorting-log-${period.periodStart.slice(0, 7)}.pdf`,
      mediaType: 'application/pdf',
      effectiveAt: closed,
      recipe: {
        make: 'scanned_log',
        seed,
        site,
        pages: recipe.scanPages,
        periodStart: dossier.periodStart,
        material: project.material,
        totalKg: loads.reduce((sum, load) => sum + load.netKg, 0),
        names: [dossier.crew.weigher, ...loads.map((load) => load.driver)],
      },
    })
  }
  return files
}
