import type { Platform } from '#server/platform/core/index.ts'
import { withholdFromLog } from '#server/platform/core/index.ts'
import { MailDelayed, MailRefused } from './mail.errors.ts'
import { toMessage, type Mail } from './message.ts'

const CONNECT_MS = 10_000
/** Longest a mail server may be silent in the middle of a conversation. */
const SILENCE_MS = 30_000

const open = async (platform: Platform, url: string) => {
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    url,
    pool: true,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
  })
  platform.beforeClose(async () => transport.close())
  return transport
}

const transports = new WeakMap<Platform, ReturnType<typeof open>>()

/**
 * Hands a mail to the mail server.
 *
 * @throws MailRefused when it says no for good (5xx); MailDelayed when it cannot be reached, wants other credentials, or
 * says not now (4xx).
 */
export async function sendBySmtp(platform: Platform, url: string, mail: Mail): Promise<void> {
  let transport = transports.get(platform)
  if (!transport) transports.set(platform, (transport = open(platform, url)))
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const stop = () => reject(platform.shutdown.reason)
  platform.shutdown.addEventListener('abort', stop)
  try {
    await Promise.race([(await transport).sendMail(toMessage(platform, mail)), stopped])
  } catch (error) {
    throw platform.shutdown.aborted ? error : explain(withholdFromLog(error, url))
  } finally {
    platform.shutdown.removeEventListener('abort', stop)
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code, responseCode } = error as { code?: string; responseCode?: number }
  // The operator can put wrong credentials right while the mail waits.
  const isFinal =
    (responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH') || (code === 'EENVELOPE' && responseCode === undefined)
  return isFinal ? new MailRefused(error, responseCode) : new MailDelayed(error, responseCode)
}
