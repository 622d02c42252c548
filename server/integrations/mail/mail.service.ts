import type { Db } from '#db/client.ts'
import { newId, type Platform } from '#server/platform/core/index.ts'
import { queue, type ServerJobHandler } from '#server/platform/jobs/index.ts'
import type { Letter, Recipient } from './letter.ts'
import { MailDelayed, MailOutdated, MailRefused } from './mail.errors.ts'
import { keepInOutbox } from './outbox.ts'
import { sendBySmtp } from './smtp.ts'

export const MAIL = 'mail'

/** A mail server that is away for a while, or asks for patience (greylisting), gets the mail all the same: for about four hours. */
const RETRY_DELAYS_MS = [10_000, 60_000, 5 * 60_000, 30 * 60_000, 3 * 60 * 60_000]

interface NewMail {
  to: Recipient
  letter: Letter
  /** When what it says ceases to hold; it is not sent after that. ISO 8601. */
  until?: string
}

/**
 * Queues a mail. What it says is sealed in the queue and forgotten once it was sent.
 *
 * @param systemDb A transaction of the system, so that the mail goes only if it commits. Without one it is queued at once; on
 * the embedded database that waits for transactions that are open, so it must not be done inside of one.
 */
export const sendMail = (platform: Platform, mail: NewMail, systemDb: Db = platform.databases.system): Promise<void> =>
  queue.insertJobs(systemDb, [
    {
      id: newId('job'),
      accountId: null,
      agentId: null,
      type: MAIL,
      payload: { sealed: platform.secrets.seal(JSON.stringify(mail), MAIL) },
      maxAttempts: RETRY_DELAYS_MS.length + 1,
      runAt: new Date().toISOString(),
    },
  ])

/** Hands a queued mail to the mail server, or keeps it in the outbox where there is none. */
export const mailJob: ServerJobHandler = {
  isOfServer: true,
  refused: 'failed',
  retryDelaysMs: RETRY_DELAYS_MS,
  async run(platform, { id, payload, attempts }) {
    const { to, letter, until } = JSON.parse(platform.secrets.open((payload as { sealed: string }).sealed, MAIL)) as NewMail
    if (until !== undefined && Date.parse(until) < Date.now()) throw new MailOutdated()
    const { SMTP_URL } = platform.env
    if (SMTP_URL === undefined) {
      await keepInOutbox(platform, { id, to, letter })
      platform.log.info({ jobId: id, file: `outbox/${id}.eml` }, 'a mail was kept in the data folder, because SMTP_URL is not set')
      return { sentBy: 'outbox' }
    }
    try {
      await sendBySmtp(platform, SMTP_URL, { id, to, letter })
    } catch (error) {
      if (error instanceof MailRefused || error instanceof MailDelayed)
        platform.log.warn({ err: error, jobId: id, attempts }, 'a mail could not be sent')
      throw error
    }
    return { sentBy: 'smtp' }
  },
}
