/* All that makes documents, so that it can be read as one when the first is made. */

export { loadCertificateFonts } from '../certificates/document/certificate-fonts.ts'
export { previewCertificate } from '../certificates/preview-certificate.ts'
export { signBatchCertificate } from '../certificates/sign-batch-certificate.ts'
export { writeRegister } from '../reports/write-register.ts'
