import { sendMail } from '#server/integrations/mail/index.ts'
import { asAccountId } from '#server/platform/account/index.ts'
import { inTransaction, newId, noteAudit, type Context } from '#server/platform/core/index.ts'
import { queue, type ServerJobHandler } from '#server/platform/jobs/index.ts'
import { dropAllOneTimeTokens, endSessionsOf, forgetKeysOf, hashPassword, takeOneTimeToken } from '../auth/index.ts'
import { screenForBots } from '../bots/index.ts'
import { claimUnverifiedAddress, findUser, findUserByEmail, lockUser, markMailboxProved, upsertPassword } from '../users/index.ts'
import { mailLink, pageOf } from './links.ts'
import type { ForgotPassword, ResetPassword, Told } from './mailbox.contract.ts'
import { LinkNotGood } from './mailbox.errors.ts'
import { passwordResetLetter, resetLetter } from './mailbox.letters.ts'

export const PASSWORD_RESET = 'password_reset'

const PURPOSE = 'reset-password'

/**
 * Only queues: whether there is such a person is found out later, so that neither the answer nor the time it takes tells.
 *
 * @throws BotDetected
 */
export async function forgotPassword(ctx: Context, { email, proof }: ForgotPassword): Promise<Told> {
  await screenForBots(ctx, 'forgot-password', proof)
  const { secrets, databases } = ctx.platform
  await queue.insertJobs(databases.system, [
    {
      id: newId('job'),
      accountId: null,
      agentId: null,
      type: PASSWORD_RESET,
      payload: { sealed: secrets.seal(email, PASSWORD_RESET) },
      maxAttempts: 3,
      runAt: new Date().toISOString(),
    },
  ])
  return { message: 'Look in your inbox if you have an account here.' }
}

/** Mails a link to whoever asked for one, if they have an account. */
export const passwordResetJob: ServerJobHandler = {
  isOfServer: true,
  refused: 'failed',
  async run(platform, { payload }) {
    const email = platform.secrets.open((payload as { sealed: string }).sealed, PASSWORD_RESET)
    await inTransaction(platform.databases.system, async (db) => {
      const found = await findUserByEmail(db, email)
      const user = found && (await lockUser(db, found.id))
      if (user?.email) await mailLink(platform, db, PURPOSE, { id: user.id, email: user.email }, resetLetter)
    })
    return {}
  },
}

/**
 * Sets the password of whoever has the link, which proves that the mailbox is theirs. It signs nobody in, leaves a second
 * factor as it is, ends all sessions and voids all other links.
 *
 * @throws LinkNotGood
 */
export async function resetPassword(ctx: Context, { token, password }: ResetPassword): Promise<Told> {
  const { platform } = ctx
  const hash = await hashPassword(password)
  const user = await inTransaction(platform.databases.system, async (db) => {
    const link = await takeOneTimeToken(db, PURPOSE, token)
    const user = link?.userId ? await findUser(db, link.userId) : undefined
    if (!link || !user?.email || user.email !== link.data.email) throw new LinkNotGood()
    if (user.emailVerifiedAt === null) await claimUnverifiedAddress(db, user)
    await upsertPassword(db, user.id, hash)
    await endSessionsOf(db, user.id)
    await dropAllOneTimeTokens(db, user.id)
    await markMailboxProved(platform, db, user.id)
    const letter = passwordResetLetter(pageOf(platform, 'forgot-password'))
    await sendMail(platform, { to: { name: '', address: user.email }, letter }, db)
    return user
  })
  if (user.personalAccountId) {
    forgetKeysOf(platform, asAccountId(user.personalAccountId))
    noteAudit(ctx, { accountId: user.personalAccountId, targets: [{ type: 'user', id: user.id }] })
  }
  return { message: 'Your password is changed. Sign in with the new one.' }
}
