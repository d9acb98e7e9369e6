import type { MountedFunction } from './functions.ts'

/**
 * Every edge function of the project, by the name of its folder in `supabase/functions`; read when it is first called.
 * A `public` one is reachable without a user's token and makes sure itself who calls.
 */
export const edgeFunctions: Readonly<Record<string, MountedFunction>> = {
  'ai-validation': { load: () => import('../../supabase/functions/ai-validation/handler.ts') },
  'check-evidence': { load: () => import('../../supabase/functions/check-evidence/handler.ts') },
  exports: { load: () => import('../../supabase/functions/exports/handler.ts'), public: true },
  health: { load: () => import('../../supabase/functions/health/handler.ts'), public: true },
  'run-report': { load: () => import('../../supabase/functions/run-report/handler.ts') },
  'create-payment': { load: () => import('../../supabase/functions/create-payment/handler.ts') },
  'generate-certificate': { load: () => import('../../supabase/functions/generate-certificate/handler.ts') },
  'verify-payment': { load: () => import('../../supabase/functions/verify-payment/handler.ts'), public: true },
  'run-jobs': { load: () => import('../../supabase/functions/run-jobs/handler.ts') },
  'send-support-email': { load: () => import('../../supabase/functions/send-support-email/handler.ts') },
  'send-webhook-notification': { load: () => import('../../supabase/functions/send-webhook-notification/handler.ts') },
  'submit-outbox': { load: () => import('../../supabase/functions/submit-outbox/handler.ts') },
  'sign-access-grant': { load: () => import('../../supabase/functions/sign-access-grant/handler.ts') },
}

/** Settings of the functions that are taken from the environment of the process, where they are set. */
const settingNames: readonly string[] = [
  'AI_BASE_URL',
  'AI_MODEL',
  'PAYMENT_CALLBACK_SECRET',
  'PAYMENT_PROVIDER',
  'REGISTRY_URL',
  'SMTP_HOST',
  'SMTP_PORT',
  'SMTP_USER',
  'SMTP_PASSWORD',
  'SUPPORT_ADDRESS',
  'VERIDESK_ENVIRONMENT',
  'VERIDESK_WEBHOOK_LOOPBACK',
]

/** The functions' settings in an environment. */
export const readFunctionSettings = (environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> =>
  Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = environment[name]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
