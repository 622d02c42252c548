import type { Context } from '#server/platform/core/index.ts'
import { MailNotFound } from './mail.errors.ts'
import { findInOutbox, listOutbox } from './outbox.ts'
import { MAX_LISTED_MAILS, type MailRef, type Outbox, type OutboxEntry, type OutboxMail } from './outbox.contract.ts'
import type { PlaceById, Entry, Slice } from '#server/platform/operations/index.ts'

export const getOutbox = async ({ platform }: Context): Promise<Outbox> => ({
  isInUse: platform.env.SMTP_URL === undefined,
  mails: await listOutbox(platform, MAX_LISTED_MAILS),
})

export const listOutboxPage = async ({ platform }: Context, _input: unknown, { after, limit }: Slice<PlaceById>) =>
  (await listOutbox(platform, limit, after?.[0])).map((mail): Entry<OutboxEntry, PlaceById> => ({ node: mail, place: [mail.id] }))

/** @throws MailNotFound */
export async function getOutboxMail({ platform }: Context, { mailId }: MailRef): Promise<OutboxMail> {
  const mail = await findInOutbox(platform, mailId)
  if (!mail) throw new MailNotFound(mailId)
  return mail
}
