import type { Db } from '#db/client.ts'
import { sendMail } from '#server/integrations/mail/index.ts'
import type { Platform } from '#server/platform/core/index.ts'

/** Somebody a letter goes to; to who has no address none does. */
interface Addressee {
  name: string
  email: string | null
}

const dayOf = (at: string): string => new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(at))

/** Tells an owner that a workspace was deleted, and until when that can be taken back. */
export async function sendWorkspaceDeleted(
  platform: Platform,
  { name: owner, email }: Addressee,
  { name, by, erasedAt }: { name: string; by: string; erasedAt: string },
  systemDb: Db,
): Promise<void> {
  if (email === null) return
  const letter = {
    subject: 'A workspace of yours was deleted',
    parts: [
      'Nobody gets into it any more, and its keys and agents have stopped.',
      {
        facts: [
          ['Workspace', name],
          ['Deleted by', by],
          ['Erased on', `${dayOf(erasedAt)} (UTC)`],
        ],
      },
      'Until then any owner can take it back, with everything in it.',
      { link: `${platform.env.APP_URL}/settings`, label: 'Take it back' },
    ],
  } as const
  await sendMail(platform, { to: { name: owner, address: email }, letter, until: erasedAt }, systemDb)
}

/** Tells somebody who deleted their account how to take that back. */
export async function sendUserDeleted(
  platform: Platform,
  { name, email }: Addressee,
  { restoreToken, erasedAt }: { restoreToken: string; erasedAt: string },
  systemDb: Db,
): Promise<void> {
  if (email === null) return
  const letter = {
    subject: 'Your account was deleted',
    parts: [
      `You are signed out everywhere, and your keys and agents have stopped. Everything of yours is erased on ${dayOf(erasedAt)} (UTC).`,
      'Until then you can take it back. If it was not you, do so now, and choose another password.',
      { link: `${platform.env.APP_URL}/restore#${restoreToken}`, label: 'Take it back' },
    ],
  } as const
  await sendMail(platform, { to: { name, address: email }, letter, until: erasedAt }, systemDb)
}
