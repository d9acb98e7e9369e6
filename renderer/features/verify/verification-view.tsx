import { ShieldAlert, ShieldCheck, ShieldX } from 'lucide-react'
import type { SignatureReport, VerificationReport } from '../../../shared/domain/verification-report.ts'
import { Time } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Facts } from '../../ui/facts.tsx'
import { formatBytes, formatNoun } from '../../ui/format.ts'
import { HashText } from '../../ui/hash-text.tsx'
import { levelWords, verdictWords } from './verdict-words.ts'
import styles from './verification-view.module.css'

const shields = { good: ShieldCheck, caution: ShieldAlert, bad: ShieldX } as const

/** The whole answer of a certificate check: the verdict, why, who signed, and what the file says of itself. */
export function VerificationView({ report }: { readonly report: VerificationReport }) {
  const words = verdictWords[report.verdict]
  const Shield = shields[words.tone]
  const others = report.reasons.filter((reason) => reason !== report.summary)
  return (
    <div className={styles.view}>
      <div className={classNames(styles.banner, styles[words.tone])} role={words.tone === 'good' ? 'status' : 'alert'}>
        <Shield size={28} aria-hidden="true" />
        <div className={styles.bannerText}>
          <h3 className={styles.verdict}>{words.title}</h3>
          <p>{report.summary}</p>
          <p>{words.advice}</p>
        </div>
      </div>
      {others.length === 0 ? null : (
        <section className={styles.section}>
          <h3 className={styles.title}>Why</h3>
          <ul className={styles.reasons}>
            {others.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </section>
      )}
      {report.certificate === null ? null : (
        <section className={styles.section}>
          <h3 className={styles.title}>
            {report.verdict === 'VALID' ? 'Certificate' : 'Certificate, as the file claims'}
          </h3>
          <Facts
            rows={[
              [
                'Number',
                <HashText key="number" value={report.certificate.certificateNumber} label="certificate number" whole />,
              ],
              [
                'Batch',
                report.certificate.batchHash === null ? null : (
                  <HashText key="batch" value={report.certificate.batchHash} label="batch number" whole />
                ),
              ],
              [
                'Content hash',
                <HashText key="content" value={report.certificate.contentHash} label="content hash" whole />,
              ],
            ]}
          />
        </section>
      )}
      <section className={styles.section}>
        <h3 className={styles.title}>{formatNoun(report.signatures.length, 'signature')}</h3>
        {report.signatures.map((signature, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes, and two fields may have one name
          <Signature key={index} signature={signature} sizeBytes={report.sizeBytes} />
        ))}
      </section>
      <section className={styles.section}>
        <h3 className={styles.title}>File</h3>
        <Facts
          rows={[
            ['Size', formatBytes(report.sizeBytes)],
            ['SHA-256', <HashText key="hash" value={report.sha256} label="SHA-256 of the file" whole />],
            ['Checked', <Time key="checked" instant={report.checkedAt} />],
            [
              'Trust anchors',
              report.trustAnchorCount === 0
                ? 'None on this computer: no signer can be known'
                : formatNoun(report.trustAnchorCount, 'anchor'),
            ],
          ]}
        />
      </section>
    </div>
  )
}

function Signature({ signature, sizeBytes }: { readonly signature: SignatureReport; readonly sizeBytes: number }) {
  const { signer } = signature
  const { tone } = verdictWords[signature.verdict]
  return (
    <div className={styles.signature}>
      <div className={styles.head}>
        <span className={styles.name}>{signer?.commonName ?? 'Signer cannot be read'}</span>
        <Badge tone={tone === 'good' ? 'success' : tone === 'caution' ? 'warning' : 'danger'}>
          {verdictWords[signature.verdict].title}
        </Badge>
        <Badge tone={signature.trusted ? 'success' : 'warning'}>{signature.trusted ? 'Trusted' : 'Not trusted'}</Badge>
      </div>
      {signature.reasons.length === 0 ? null : (
        <ul className={styles.reasons}>
          {signature.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <Facts
        rows={[
          ['Organization', signer?.organisation ?? null],
          ['Issued by', signer?.issuerCommonName ?? null],
          ['Level', levelWords[signature.level]],
          ['Time', signature.provenTime === null ? null : <Time key="proven" instant={signature.provenTime} />],
          [
            'Claimed time',
            signature.claimedTime === null ? null : <Time key="claimed" instant={signature.claimedTime} />,
          ],
          [
            'Covers',
            signature.coversWholeFile
              ? 'The whole file'
              : `${formatBytes(signature.coveredBytes)} of ${formatBytes(sizeBytes)}; something was added later`,
          ],
          [
            'Fingerprint',
            signer === null ? null : (
              <HashText
                key="fingerprint"
                value={signer.fingerprintSha256}
                label="fingerprint of the signer’s certificate"
                whole
              />
            ),
          ],
          [
            'Chain',
            signature.chain.length === 0 ? null : (
              <ol key="chain" className={styles.chain}>
                {signature.chain.map((certificate) => (
                  <li key={certificate.fingerprintSha256} className={styles.link}>
                    {certificate.commonName}
                  </li>
                ))}
              </ol>
            ),
          ],
        ]}
      />
    </div>
  )
}
