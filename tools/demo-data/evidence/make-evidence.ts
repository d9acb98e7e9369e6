import { assertNever } from '../../../shared/assert-never.ts'
import { makePhoto } from '../photo/photo.ts'
import { makeCalibrationCertificate } from './calibration-certificate.ts'
import { makeLaboratoryReport, makeMeterReading } from './forms.ts'
import { makeIntervalExport, makeTransportLog } from './logs.ts'
import type { EvidenceRecipe } from './recipes.ts'
import { makeScannedLog } from './scanned-log.ts'
import { makeWeighbridgeTicket } from './weighbridge-ticket.ts'
import { makeEnergyBalance, makeMassBalance } from './workbook.ts'

/** Makes the bytes of one file. The same recipe gives the same bytes. */
export const makeEvidence = async (recipe: EvidenceRecipe): Promise<Uint8Array> => {
  switch (recipe.make) {
    case 'weighbridge_ticket':
      return makeWeighbridgeTicket(recipe)
    case 'calibration_certificate':
      return makeCalibrationCertificate(recipe)
    case 'laboratory_report':
      return makeLaboratoryReport(recipe)
    case 'meter_reading':
      return makeMeterReading(recipe)
    case 'mass_balance':
      return makeMassBalance(recipe)
    case 'energy_balance':
      return makeEnergyBalance(recipe)
    case 'transport_log':
      return makeTransportLog(recipe)
    case 'interval_export':
      return makeIntervalExport(recipe)
    case 'scanned_log':
      return makeScannedLog(recipe)
    case 'photo':
      return makePhoto(recipe.photo)
    default:
      return assertNever(recipe)
  }
}
