import { z } from 'zod'
import { Nothing, timestamp } from '#server/platform/core/common.contract.ts'

export const MAX_LISTED_MAILS = 100

export const OutboxEntry = z
  .object({
    id: z.string().describe('Its id.'),
    to: z.string().describe('Address it is for.'),
    subject: z.string().describe('Its subject.'),
    createdAt: timestamp.describe('When it was written.'),
  })
  .meta({ id: 'OutboxEntry', description: 'A mail that was kept, because the server has no mail server.' })
export type OutboxEntry = z.infer<typeof OutboxEntry>

export const Outbox = z
  .object({
    isInUse: z.boolean().describe('Whether mail goes there: without `SMTP_URL`.'),
    mails: z.array(OutboxEntry).max(MAX_LISTED_MAILS).describe('The newest 100, newest first.'),
  })
  .meta({ id: 'Outbox', description: 'Mails that were kept in the data folder of the server that answers.' })
export type Outbox = z.infer<typeof Outbox>

export const MailRef = z.object({ mailId: z.string().min(1).max(64).describe('Id of the mail.') })
export type MailRef = z.infer<typeof MailRef>

export const OutboxMail = OutboxEntry.extend({
  text: z.string().describe('What it says, as plain text, with the links in it.'),
}).meta({ id: 'OutboxMail', description: 'A mail that was kept, with what it says.' })
export type OutboxMail = z.infer<typeof OutboxMail>

export { Nothing }
