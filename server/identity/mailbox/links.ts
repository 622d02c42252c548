import type { Db } from '#db/client.ts'
import { type Letter, sendMail } from '#server/integrations/mail/index.ts'
import type { Platform } from '#server/platform/core/index.ts'
import { issueOneTimeToken, listOneTimeTokens } from '../auth/index.ts'

/** What a link in a mail is for, which is also the page it leads to. */
export type LinkPurpose = 'reset-password' | 'verify-email'

const GOOD_FOR_SECONDS = 3600
/** Links somebody may have that are still good: nobody's mailbox is filled by others. */
const MAX_LINKS = 3

interface Addressee {
  id: string
  email: string
}

/**
 * Mails a link that works once, for an hour, as long as the person has that address. Its token is behind the `#`, which no
 * server sees and no scanner of mail sends; a button on the page does.
 *
 * @param systemDb A transaction, in which the person is locked.
 * @returns false when they have enough links.
 */
export async function mailLink(
  platform: Platform,
  systemDb: Db,
  purpose: LinkPurpose,
  { id, email }: Addressee,
  letter: (link: string) => Letter,
): Promise<boolean> {
  const sent = await listOneTimeTokens(systemDb, purpose, id)
  if (sent.filter(({ data }) => data.email === email).length >= MAX_LINKS) return false
  const token = await issueOneTimeToken(systemDb, { purpose, userId: id, data: { email }, seconds: GOOD_FOR_SECONDS })
  const until = new Date(Date.now() + GOOD_FOR_SECONDS * 1000).toISOString()
  await sendMail(platform, { to: { name: '', address: email }, letter: letter(`${pageOf(platform, purpose)}#${token}`), until }, systemDb)
  return true
}

export const RETRY_AFTER_SECONDS = GOOD_FOR_SECONDS

export const pageOf = ({ env }: Platform, page: LinkPurpose | 'forgot-password'): string => `${env.APP_URL}/${page}`
