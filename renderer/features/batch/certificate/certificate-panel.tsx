import { ShieldCheck } from 'lucide-react'
import { Button } from '../../../ui/button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { GateList } from '../decision/gate-list.tsx'
import { gatesOf } from '../decision/use-batch-decision.ts'
import { useDesk } from '../desk-context.tsx'
import { StandingSection } from '../standing/standing-section.tsx'
import styles from './certificate.module.css'
import { CertificateCard } from './certificate-card.tsx'

/** The certificates of the batch, and the way to a new one. */
export function CertificatePanel() {
  const { detail, startSigning } = useDesk()
  const gates = gatesOf(detail, 'verify')
  const { certificates } = detail
  if (gates === null && certificates.length === 0)
    return (
      <div className={styles.panel}>
        <EmptyState title="No certificate">
          An accredited auditor verifies an approved batch and signs its certificate here.
        </EmptyState>
        <StandingSection />
      </div>
    )
  const blocking = gates?.filter(({ severity }) => severity === 'blocks').length ?? 0
  const over = gates?.some(({ code }) => code === 'transition') ?? false
  return (
    <div className={styles.panel}>
      {certificates
        .toSorted((left, right) => (left.claimedAt < right.claimedAt ? 1 : -1))
        .map((certificate) => (
          <CertificateCard key={certificate.id} certificate={certificate} />
        ))}
      {gates === null || (over && certificates.length > 0) ? null : (
        <section className={styles.next} aria-label="Sign a certificate">
          <h3 className={styles.sectionTitle}>
            {blocking > 0 ? 'Before a certificate can be signed' : 'Ready for the certificate'}
          </h3>
          {gates.length === 0 ? <p className={styles.note}>Nothing stands in the way.</p> : <GateList gates={gates} />}
          <div>
            <Button
              variant="primary"
              icon={<ShieldCheck size={15} />}
              keys="Ctrl+Enter"
              disabled={blocking > 0}
              onClick={startSigning}
            >
              Sign certificate
            </Button>
          </div>
        </section>
      )}
      <StandingSection />
    </div>
  )
}
