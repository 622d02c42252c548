import type { Db } from '#db/client.ts'

/**
 * Has whoever has just proved a mailbox take over the account that was made with its address, but never verified: somebody
 * else may have made it and be waiting for them. Nothing of that other one lets in afterwards: no password, session, passkey,
 * sign-in elsewhere, link, or key that people made; and no second factor of theirs keeps the owner out.
 *
 * @param systemDb The transaction in which the caller then adds the way in of whoever proved it, and calls
 * `markMailboxProved`; after it `forgetKeysOf` the personal workspace.
 */
export async function claimUnverifiedAddress(systemDb: Db, user: { id: string; personalAccountId: string | null }): Promise<void> {
  for (const table of [
    'passwords',
    'sessions',
    'passkeys',
    'passkeyChallenges',
    'identities',
    'oneTimeTokens',
    'secondFactors',
    'recoveryCodes',
  ] as const)
    await systemDb.deleteFrom(table).where('userId', '=', user.id).execute()
  await systemDb
    .deleteFrom('apiKeys')
    .where('agentId', 'is', null)
    .where((eb) =>
      eb.or([eb('createdBy', '=', user.id), ...(user.personalAccountId ? [eb('accountId', '=', user.personalAccountId)] : [])]),
    )
    .execute()
}
