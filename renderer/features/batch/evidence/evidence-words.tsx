import {
  Camera,
  FileSpreadsheet,
  FileText,
  FlaskConical,
  Gauge,
  type LucideIcon,
  Paperclip,
  Scale,
  Truck,
} from 'lucide-react'
import type { FilePresence } from '../../../../shared/contract/views.ts'
import type { EvidenceKind } from '../../../../shared/domain/evidence.ts'

/** What each kind of evidence is called. */
export const evidenceKindLabels: Readonly<Record<EvidenceKind, string>> = {
  weighbridge_ticket: 'Weighbridge ticket',
  photo: 'Photo',
  mass_balance: 'Mass balance',
  transport_log: 'Transport log',
  monitoring_report: 'Monitoring report',
  calibration_certificate: 'Calibration certificate',
  laboratory_report: 'Laboratory report',
  other: 'Other',
}

const icons: Readonly<Record<EvidenceKind, LucideIcon>> = {
  weighbridge_ticket: Scale,
  photo: Camera,
  mass_balance: FileSpreadsheet,
  transport_log: Truck,
  monitoring_report: FileText,
  calibration_certificate: Gauge,
  laboratory_report: FlaskConical,
  other: Paperclip,
}

/** The picture of a kind of evidence; its name stands beside it. */
export function EvidenceIcon({ kind }: { readonly kind: EvidenceKind }) {
  const Icon = icons[kind]
  return <Icon size={16} aria-hidden="true" />
}

/** What is said of a file that is not here as it should be; nothing of one that is. */
export const presenceWords: Readonly<
  Record<Exclude<FilePresence, 'present'>, { readonly label: string; readonly explanation: string }>
> = {
  partial: { label: 'Partly here', explanation: 'The rest will come with the network.' },
  absent: { label: 'Not here', explanation: 'Not on this computer. It will come with the network.' },
  altered: { label: 'Altered', explanation: 'Its bytes do not match the recorded SHA-256.' },
}
