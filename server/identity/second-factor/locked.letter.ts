import { sendMail, type Letter } from '#server/integrations/mail/index.ts'
import type { Context } from '#server/platform/core/index.ts'
import { findUser } from '../users/index.ts'

const letterOf = (appUrl: string, ip: string): Letter => ({
  subject: 'Ten wrong codes in a row',
  parts: [
    'Somebody entered ten wrong codes of your authenticator app in a row. Until a recovery code or a passkey is used, codes of the app do not count.',
    { facts: [['Last tried from', ip]] },
    'Whoever it was has passed the first step of signing in, such as your password. If that was not you, change your password now.',
    { link: `${appUrl}/settings`, label: 'Open your settings' },
  ],
})

/** Tells a person that codes of their app are locked. Who has no address, or never proved that it is theirs, is not told. */
export async function mailLocked({ platform, ip }: Context, userId: string): Promise<void> {
  const user = await findUser(platform.databases.system, userId)
  if (!user?.email || user.emailVerifiedAt === null) return
  await sendMail(platform, { to: { name: user.name, address: user.email }, letter: letterOf(platform.env.APP_URL, ip) })
}
