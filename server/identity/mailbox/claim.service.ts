import type { Db } from '#db/client.ts'
import { apiKeys, dropAllOneTimeTokens, endSessionsOf } from '../auth/index.ts'
import { deleteIdentitiesOf } from '../identities/index.ts'
import { deletePasskeysOf } from '../passkeys/index.ts'
import { deletePassword } from '../users/index.ts'

/**
 * Has whoever has just proved a mailbox take over the account that was made with its address, but never verified: somebody
 * else may have made it and be waiting for them. Nothing of that other one lets in afterwards: no password, session, key,
 * passkey or sign-in elsewhere.
 *
 * @param systemDb The transaction in which the caller then adds the way in of whoever proved it, and calls
 * `markMailboxProved`; `forgetKeysOf` the personal workspace is for after it.
 */
export async function claimUnverifiedAddress(systemDb: Db, user: { id: string; personalAccountId: string | null }): Promise<void> {
  await deletePassword(systemDb, user.id)
  await endSessionsOf(systemDb, user.id)
  await apiKeys.deleteKeysOfPerson(systemDb, user.id, user.personalAccountId)
  await deletePasskeysOf(systemDb, user.id)
  await deleteIdentitiesOf(systemDb, user.id)
  await dropAllOneTimeTokens(systemDb, user.id)
}
