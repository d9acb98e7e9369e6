import { ShieldCheck } from 'lucide-react'
import type { BatchDetail } from '../../../../shared/contract/views.ts'
import styles from './certificate.module.css'
import { CertificateCard } from './certificate-card.tsx'

/** The signed certificate: number, hash, and how far it has come. */
export function ResultStep({ certificate }: { readonly certificate: BatchDetail['certificates'][number] }) {
  return (
    <div className={styles.column}>
      <p className={styles.resultMark} role="status">
        <ShieldCheck size={20} aria-hidden="true" />
        {certificate.number} is signed and saved on this computer
      </p>
      <p className={styles.note}>
        The time of the signature is this computer's claim until the cloud accepts the certificate. It is sent by itself
        when there is a network.
      </p>
      <CertificateCard certificate={certificate} wholeHash />
    </div>
  )
}
