import { createTransport } from 'nodemailer'

/** The mail server, from the environment. */
export interface MailSettings {
  readonly host: string
  readonly port: number
  readonly user: string | null
  readonly password: string
  /** The address of support: sender of what goes to people, receiver of what comes from them. */
  readonly support: string
  /** False lets a server without TLS be used, for development. */
  readonly encrypted: boolean
}

/** A mail as `begin_mail` gives it. */
export interface Mail {
  readonly id: string
  readonly state: string
  readonly direction: 'to_support' | 'to_person'
  readonly subject: string
  readonly message: string
  readonly priority: 'low' | 'medium' | 'high'
  readonly person_name: string
  readonly person_email: string
  readonly person_id: string
}

/** What the server made of it. `final` where it will say the same the next time. */
export type Sent = { readonly ok: true } | { readonly ok: false; readonly error: string; readonly final: boolean }

const ADDRESS = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/

/** Reads `SMTP_HOST`, `SMTP_PORT` (587 when left out), `SMTP_USER`, `SMTP_PASSWORD` and `SUPPORT_ADDRESS`; text says what is missing. */
export const readMailSettings = (environment: Readonly<Record<string, string>>): MailSettings | string => {
  const missing = ['SMTP_HOST', 'SUPPORT_ADDRESS'].filter((name) => (environment[name] ?? '') === '')
  if (missing.length > 0) return `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set.`
  const port = Number(environment.SMTP_PORT ?? '587')
  const support = environment.SUPPORT_ADDRESS ?? ''
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return 'SMTP_PORT is not a port.'
  if (!ADDRESS.test(support)) return 'SUPPORT_ADDRESS is not an address.'
  return {
    host: environment.SMTP_HOST ?? '',
    port,
    user: environment.SMTP_USER ?? null,
    password: environment.SMTP_PASSWORD ?? '',
    support,
    encrypted: environment.VERIDESK_ENVIRONMENT !== 'development',
  }
}

const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').trim()

/**
 * Hands a mail to the mail server (RFC 5321). Its id is also its Message-ID, so that one which is sent twice, because
 * the answer was lost, is recognized. Its text is text alone, and no header takes a line break.
 */
export const sendMail = async (settings: MailSettings, mail: Mail): Promise<Sent> => {
  if (!ADDRESS.test(mail.person_email)) return { ok: false, error: 'The person has no usable address.', final: true }
  const transport = createTransport({
    host: settings.host,
    port: settings.port,
    secure: settings.port === 465,
    requireTLS: settings.encrypted && settings.port !== 465,
    ...(settings.user === null ? {} : { auth: { user: settings.user, pass: settings.password } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const support = { name: 'Veridesk support', address: settings.support }
  const person = { name: oneLine(mail.person_name), address: mail.person_email }
  const toSupport = mail.direction === 'to_support'
  try {
    await transport.sendMail({
      from: support,
      to: toSupport ? support : person,
      replyTo: toSupport ? person : support,
      subject: oneLine(mail.subject),
      text: toSupport ? `${mail.message}\n\n-- \n${person.name}, account ${mail.person_id}` : mail.message,
      messageId: `<${mail.id}@${settings.support.split('@')[1] ?? 'localhost'}>`,
      priority: mail.priority === 'medium' ? 'normal' : mail.priority,
    })
    return { ok: true }
  } catch (error) {
    const status = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0
    const message = error instanceof Error ? oneLine(error.message) : String(error)
    // 535 is a wrong password of ours, which somebody will put right; other answers from 500 on are about this mail.
    return { ok: false, error: message, final: status >= 500 && status !== 535 && status !== 530 }
  } finally {
    transport.close()
  }
}
