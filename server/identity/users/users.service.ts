import type { Db } from '#db/client.ts'
import { creditReferral } from '#server/money/billing/index.ts'
import { claimPurchases } from '#server/money/checkout/index.ts'
import { asAccountId } from '#server/platform/account/index.ts'
import { newId, type Platform } from '#server/platform/core/index.ts'
import { createPersonalWorkspace, insertMembership } from '../workspaces/index.ts'
import { EmailTaken } from './users.errors.ts'
import * as queries from './users.queries.ts'

/** A person to be made. */
interface NewPerson {
  /** Null for who has none, such as somebody with a wallet. */
  email: string | null
  name: string
  isEmailVerified: boolean
  /** Of the password; left out for who signs in by other ways. */
  passwordHash?: string
}

/**
 * Makes a person with their personal workspace, whose owner they are. The two have the same id, which the documented API
 * knows as that of the account.
 *
 * @param systemDb A transaction: nothing is left of a person who could not be made.
 * @throws EmailTaken
 */
export async function createUser(
  systemDb: Db,
  { passwordHash, ...person }: NewPerson,
): Promise<{ id: string; email: string | null; name: string }> {
  const id = newId('user')
  await createPersonalWorkspace(systemDb, id, person.name)
  const user = await queries.insertUser(systemDb, { ...person, id, personalAccountId: id })
  if (!user) throw new EmailTaken()
  await insertMembership(systemDb, { accountId: id, userId: id, role: 'owner' })
  if (passwordHash !== undefined) await queries.upsertPassword(systemDb, id, passwordHash)
  if (person.email !== null && person.isEmailVerified) await claimPurchases(systemDb, person.email)
  return user
}

/**
 * Notes that the address a person has is theirs, however they proved it: by a link that was mailed there, or by the word of
 * somebody who is trusted. Completes their referral, and gives them what was paid for with that address.
 *
 * @param systemDb A transaction.
 */
export async function markMailboxProved(platform: Platform, systemDb: Db, userId: string): Promise<void> {
  const user = await queries.verifyEmailOf(systemDb, userId)
  if (user?.personalAccountId) await creditReferral(platform, systemDb, asAccountId(user.personalAccountId))
  if (user?.email) await claimPurchases(systemDb, user.email)
}
