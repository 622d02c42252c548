import type { Db } from '#db/client.ts'
import { sendMail } from '#server/integrations/mail/index.ts'
import { inTransaction, type Platform, type SessionContext } from '#server/platform/core/index.ts'
import { dropOneTimeTokens, peekOneTimeToken, takeOneTimeToken } from '../auth/index.ts'
import { findUser, lockUser, markMailboxProved } from '../users/index.ts'
import { mailLink, RETRY_AFTER_SECONDS } from './links.ts'
import type { MailboxStatus, Told, VerifyEmail } from './mailbox.contract.ts'
import * as errors from './mailbox.errors.ts'
import { addressChangedLetter, verifyLetter } from './mailbox.letters.ts'

const PURPOSE = 'verify-email'

/** Mails a new person, or one with a new address, the link that proves that it is theirs. @param systemDb A transaction. */
export async function askToVerify(platform: Platform, systemDb: Db, user: { id: string; email: string }): Promise<void> {
  await mailLink(platform, systemDb, PURPOSE, user, verifyLetter)
}

/**
 * What follows from another address: links that went to the old one are void, the old one is told, if it was theirs, and the
 * new one has to be verified.
 *
 * @param systemDb The transaction that changes it.
 */
export async function followAddressChange(
  platform: Platform,
  systemDb: Db,
  before: { email: string | null; emailVerifiedAt: string | null },
  user: { id: string; email: string },
): Promise<void> {
  for (const purpose of ['reset-password', PURPOSE]) await dropOneTimeTokens(systemDb, purpose, user.id)
  if (before.email !== null && before.emailVerifiedAt !== null)
    await sendMail(platform, { to: { name: '', address: before.email }, letter: addressChangedLetter() }, systemDb)
  await askToVerify(platform, systemDb, user)
}

export const getStatus = async ({ actor: { user } }: SessionContext): Promise<MailboxStatus> => ({
  email: user.email,
  isVerified: user.isEmailVerified,
})

/** @throws NoEmail, EmailAlreadyVerified, TooManyLinks */
export function sendVerification({ platform, actor: { user } }: SessionContext): Promise<Told> {
  return inTransaction(platform.databases.system, async (db) => {
    const { email, emailVerifiedAt } = (await lockUser(db, user.id)) ?? { email: null, emailVerifiedAt: null }
    if (email === null) throw new errors.NoEmail()
    if (emailVerifiedAt !== null) throw new errors.EmailAlreadyVerified()
    if (!(await mailLink(platform, db, PURPOSE, { id: user.id, email }, verifyLetter))) throw new errors.TooManyLinks(RETRY_AFTER_SECONDS)
    return { message: 'Look in your inbox: a link is on its way.' }
  })
}

/**
 * Only for who is signed in to the account: whoever else opens the link may have been sent it for an account somebody else
 * made with their address, and must not make that account look like theirs.
 *
 * @throws LinkNotGood, LinkOfSomebodyElse
 */
export function verifyEmail({ platform, actor }: SessionContext, { token }: VerifyEmail): Promise<Told> {
  return inTransaction(platform.databases.system, async (db) => {
    const link = await peekOneTimeToken(db, PURPOSE, token)
    if (!link) throw new errors.LinkNotGood()
    if (link.userId !== actor.user.id) throw new errors.LinkOfSomebodyElse()
    const taken = await takeOneTimeToken(db, PURPOSE, token)
    const user = await findUser(db, actor.user.id)
    if (!taken || user?.email !== taken.data.email) throw new errors.LinkNotGood()
    await markMailboxProved(platform, db, actor.user.id)
    await dropOneTimeTokens(db, PURPOSE, actor.user.id)
    return { message: 'Your address is confirmed.' }
  })
}
