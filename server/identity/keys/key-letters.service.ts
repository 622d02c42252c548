import type { Db } from '#db/client.ts'
import { type LetterPart, sendMail } from '#server/integrations/mail/index.ts'
import { inTransaction, type Platform } from '#server/platform/core/index.ts'
import { apiKeys as queries } from '../auth/index.ts'

/** A key a letter is about. */
interface Subject {
  name: string
  preview: string
  accountId: string
  createdBy: string | null
}

interface KeyLetter {
  subject: string
  says: readonly string[]
  /** ISO 8601: after that the letter means nothing any more. */
  until?: string
}

/** Days before its end at which people are told of it, the last first: who is told that is not told of those before. */
const NOTICE_DAYS = [1, 7]

/** Tells people of keys that stop working soon, once a week before and once a day before. */
export async function tellOfExpiringKeys(platform: Platform): Promise<void> {
  for (const days of NOTICE_DAYS)
    await inTransaction(platform.databases.system, async (db) => {
      for (const { expiresAt, ...key } of await queries.claimExpiringKeys(db, days))
        await tellOf(platform, db, key, {
          subject: 'An API key is about to expire',
          says: [`It stops working on ${timeOf(expiresAt!)} (UTC). Give it a later end, or make another one, for what still uses it.`],
          until: expiresAt!,
        })
    })
}

/** Tells people that a key of theirs was reported, and is switched off. */
export const tellOfLeak = (platform: Platform, systemDb: Db, key: Subject): Promise<void> =>
  tellOf(platform, systemDb, key, {
    subject: 'An API key leaked and was switched off',
    says: [
      'Somebody found it where everybody can read it, and reported it. It no longer works.',
      'Replace it, and look whether it was used from addresses you do not know.',
    ],
  })

async function tellOf(platform: Platform, systemDb: Db, key: Subject, { subject, says, until }: KeyLetter): Promise<void> {
  for (const { name, email, workspace } of await queries.listKeyKeepers(systemDb, key)) {
    const parts: LetterPart[] = [
      {
        facts: [
          ['Key', key.name],
          ['Begins with', key.preview],
          ['Workspace', workspace],
        ],
      },
      ...says,
      { link: `${platform.env.APP_URL}/keys`, label: 'See your keys' },
    ]
    await sendMail(platform, { to: { name, address: email! }, letter: { subject, parts }, ...(until ? { until } : {}) }, systemDb)
  }
}

const timeOf = (at: string): string =>
  new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(at))
