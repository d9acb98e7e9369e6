import { addDays, daysBetween, instantAt } from '../calendar.ts'
import { plainLetters } from '../evidence/figures.ts'
import type { EnergyBalance, Instrument, Load, MassBalance, Reading, Site } from '../evidence/recipes.ts'
import type { Material } from '../photo/materials.ts'
import { openRandom, type Random } from '../random.ts'
import type { FullEvidenceRecipe } from './full-evidence-recipes.ts'
import type { DemoProject } from './projects.ts'

/** The facts of a batch with full evidence, before any of them is told wrongly. */
export interface Dossier {
  readonly recipe: FullEvidenceRecipe
  readonly project: DemoProject
  readonly periodStart: string
  readonly periodEnd: string
  readonly seed: number
  readonly site: Site
  readonly instrument: Instrument
  readonly photoMaterial: Material
  readonly loads: readonly Load[]
  readonly balance: MassBalance
  /** Credits of tonnes claimed per tonne of product, in hundredths. */
  readonly factorHundredths: number
  readonly readings: readonly Reading[]
  readonly energy: EnergyBalance | null
  /** What the batch claims, in hundredths of its unit. */
  readonly quantity: number
  readonly crew: { readonly weigher: string; readonly clerk: string; readonly buyer: string }
}

interface Locale {
  readonly names: readonly string[]
  readonly carriers: readonly string[]
  readonly plate: (random: Random) => string
}

const letters = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.pick([...'ABCDEFGHJKLMNPRSTUVWXYZ'])).join('')
const digits = (random: Random, count: number): string => String(random.integer(10 ** (count - 1), 10 ** count - 1))

const indonesian: Locale = {
  names: ['Slamet Riyadi', 'Agus Santoso', 'Rina Wulandari', 'Hendra Gunawan', 'Sri Rahayu'],
  carriers: ['Citra Angkut', 'Bintang Trans'],
  plate: (random) => `${random.pick(['B', 'L', 'W', 'DK'])} ${digits(random, 4)} ${letters(random, 3)}`,
}
const philippine: Locale = {
  names: ['Jun Villanueva', 'Maricel Dizon', 'Rey Santos', 'Analyn Cruz'],
  carriers: ['Visayas Haulage', 'Northline Hauling'],
  plate: (random) => `${letters(random, 3)} ${digits(random, 4)}`,
}
const indian: Locale = {
  names: ['Suresh Patil', 'Anita Das', 'Imran Khan', 'Lakshmi Iyer', 'Ramesh Yadav'],
  carriers: ['Shakti Roadways', 'Deccan Carriers'],
  plate: (random) =>
    `${random.pick(['WB', 'MH', 'TN', 'RJ', 'MP'])} ${digits(random, 2)} ${letters(random, 2)} ${digits(random, 4)}`,
}
const vietnamese: Locale = {
  names: ['Trần Văn Minh', 'Lê Thị Hoa', 'Phạm Quốc Bảo', 'Võ Thị Lan'],
  carriers: ['Vận tải Nam Long', 'Vận tải Sông Hậu'],
  plate: (random) => `${random.integer(11, 99)}C-${digits(random, 3)}.${digits(random, 2)}`,
}
const thai: Locale = {
  names: ['Somchai Wongsa', 'Malee Srisuk', 'Anan Chaiyo', 'Pim Rattana'],
  carriers: ['Eastern Seaboard Transport', 'Chao Haulage'],
  plate: (random) => `${random.integer(70, 89)}-${digits(random, 4)}`,
}
const spanish: Locale = {
  names: ['Jorge Salazar', 'María Fernanda Ruiz', 'Luis Cabrera', 'Elena Ortiz', 'Pablo Nieto'],
  carriers: ['Transportes del Valle', 'Fletes Unidos'],
  plate: (random) => `${letters(random, 3)}-${digits(random, 3)}`,
}
const brazilian: Locale = {
  names: ['João Batista', 'Ana Paula Souza', 'Márcio Lima', 'Beatriz Rocha'],
  carriers: ['Rodo Litoral', 'Expresso Serra'],
  plate: (random) => `${letters(random, 3)}${digits(random, 1)}${letters(random, 1)}${digits(random, 2)}`,
}
const african: Locale = {
  names: ['Peter Otieno', 'Grace Achieng', 'Kofi Mensah', 'Ama Serwaa', 'Hassan Juma'],
  carriers: ['Coastline Hauliers', 'Savanna Freight'],
  plate: (random) => `K${letters(random, 2)} ${digits(random, 3)}${letters(random, 1)}`,
}
const northern: Locale = {
  names: ['Youssef Mansour', 'Claire Fabre', 'Antonio Vargas', 'Nour Hassan'],
  carriers: ['Sud Transport', 'Levante Cargo'],
  plate: (random) => `${letters(random, 2)}-${digits(random, 3)}-${letters(random, 2)}`,
}

const locales: Readonly<Record<string, Locale>> = {
  ID: indonesian,
  PH: philippine,
  IN: indian,
  LK: indian,
  BD: indian,
  VN: vietnamese,
  TH: thai,
  KH: thai,
  MY: thai,
  CO: spanish,
  MX: spanish,
  PE: spanish,
  BR: brazilian,
  KE: african,
  GH: african,
  EG: northern,
  ES: northern,
  FR: northern,
}

const photoMaterialOf = (project: DemoProject): Material => {
  if (project.standard === 'ACCCS') return 'char'
  if (project.standard === 'AMCAVS') return 'mixed'
  if (project.material.includes('PET')) return 'pet'
  if (project.material.includes('HDPE') || project.material.includes('polyolefins')) return 'rigid'
  if (project.material.includes('film') || project.material.includes('sachets')) return 'film'
  return 'mixed'
}

const endOfMonth = (start: string): string => {
  const next = new Date(Date.UTC(Number(start.slice(0, 4)), Number(start.slice(5, 7)), 1)).toISOString()
  return addDays(next, -1)
}

const prefixOf = (project: DemoProject): string =>
  plainLetters(project.key).replaceAll('-', '').slice(0, 3).toUpperCase()

const clock = (random: Random, from: number, to: number): string =>
  `${String(random.integer(from, to)).padStart(2, '0')}:${String(random.integer(0, 59)).padStart(2, '0')}`

/** Lays down the facts of one batch: who weighed what and when, and figures that agree with each other. */
export const makeDossier = (recipe: FullEvidenceRecipe, project: DemoProject, seed: number): Dossier => {
  const random = openRandom(seed, `dossier:${recipe.key}`)
  const locale = locales[project.country] ?? northern
  const { periodStart } = recipe
  // Whoever weighs a truck does not drive it.
  const weigher = random.pick(locale.names)
  const drivers = locale.names.filter((name) => name !== weigher)
  const periodEnd = endOfMonth(periodStart)
  const days = daysBetween(periodStart, periodEnd) + 1
  const isEnergy = project.standard === 'AEMAS'
  const prefix = prefixOf(project)
  const month = periodStart.slice(2, 7).replace('-', '')
  const expired = recipe.defects.some((defect) => defect.kind === 'expired_calibration')
  const calibratedOn = addDays(periodStart, -random.integer(60, 240) - (expired ? 365 : 0))
  const instrument: Instrument = {
    id: isEnergy ? `M-0${random.integer(1, 4)}` : `WB-0${random.integer(1, 4)}`,
    description: isEnergy ? 'three-phase export meter, class 0.5 S' : 'KS-60 weighbridge, 60 t, d = 20 kg',
    serial: isEnergy ? digits(random, 8) : `KS60-${digits(random, 5)}`,
    certificateNumber: `MML-${calibratedOn.slice(0, 4)}-0${digits(random, 4)}`,
    laboratory: 'Meridian Metrology Laboratory',
    calibratedOn,
    validUntil: addDays(calibratedOn, 364),
  }
  const site: Site = {
    operator: project.owner.organization,
    project: project.name,
    place: project.location,
    timeZone: project.timeZone,
  }
  const dayOf = (index: number): string =>
    addDays(periodStart, Math.min(days - 1, Math.floor(((index + 0.2 + 0.6 * random.next()) * days) / recipe.loads)))

  let number = random.integer(120, 860)
  const loads: Load[] = []
  const readings: Reading[] = []
  const multiplier = 60
  let counter = random.integer(900_000, 4_000_000) / 10
  const openingReading = counter
  for (let index = 0; index < recipe.loads; index += 1) {
    number += random.integer(3, 19)
    const document = `${prefix}-${month}-0${number}`
    if (isEnergy) {
      const used = random.integer(4000, 9000) / 10
      readings.push({
        number: document,
        readAt: instantAt(
          index === recipe.loads - 1 ? periodEnd : dayOf(index),
          clock(random, 8, 16),
          project.timeZone,
        ),
        previous: counter,
        current: Math.round((counter + used) * 10) / 10,
      })
      counter = Math.round((counter + used) * 10) / 10
      continue
    }
    const tareKg = random.integer(380, 520) * 20
    const netKg = random.integer(320, 840) * 20
    loads.push({
      ticketNumber: document,
      weighedAt: instantAt(dayOf(index), clock(random, 7, 16), project.timeZone),
      minutesOnSite: random.integer(24, 70),
      vehicle: locale.plate(random),
      driver: random.pick(drivers),
      carrier: random.pick(locale.carriers),
      origin: `${random.pick(['North', 'South', 'Harbor', 'Central', 'Riverside', 'Market'])} collection point`,
      distanceKm: random.integer(6, 84),
      material: project.material,
      grossKg: tareKg + netKg,
      tareKg,
      netKg,
    })
  }
  const intake = loads.reduce((sum, load) => sum + load.netKg, 0)
  const openingKg = random.integer(200, 700) * 10
  const closingKg = random.integer(100, 650) * 10
  const processed = intake + openingKg - closingKg
  const productKg = Math.round((processed * random.integer(860, 925)) / 10_000) * 10
  const residueKg = Math.round((processed * random.integer(35, 65)) / 10_000) * 10
  const balance: MassBalance = { openingKg, productKg, residueKg, lossKg: processed - productKg - residueKg, closingKg }
  const factorHundredths = project.standard === 'ARCS' ? 142 : 100
  const exportKwh = Math.round((counter - openingReading) * multiplier)
  const ownUseKwh = Math.round(exportKwh * 0.031)
  const lossKwh = Math.round(exportKwh * 0.014)
  return {
    recipe,
    project,
    periodStart,
    periodEnd,
    seed: random.integer(1, 2_000_000_000),
    site,
    instrument,
    photoMaterial: photoMaterialOf(project),
    loads,
    balance,
    factorHundredths,
    readings,
    energy: isEnergy
      ? {
          openingReading,
          closingReading: counter,
          multiplier,
          generationKwh: exportKwh + ownUseKwh + lossKwh,
          ownUseKwh,
          lossKwh,
          exportKwh,
        }
      : null,
    quantity: isEnergy ? exportKwh * 100 : Math.round((productKg * factorHundredths) / 1000),
    crew: {
      weigher,
      clerk: project.owner.name,
      buyer: random.pick(['Tirta Fibre', 'Blue Harbor Polymers', 'Union Packaging', 'Terra Pellets']),
    },
  }
}
