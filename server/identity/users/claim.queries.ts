import type { Db } from '#db/client.ts'

/**
 * Has whoever has just proved a mailbox take over the account that was made with its address, but never verified: somebody
 * else may have made it and be waiting for them. Nothing of that other one lets in afterwards: no password, session, passkey,
 * sign-in elsewhere, link, or key that people made; and no second factor is asked for.
 *
 * @param systemDb The transaction in which the caller then adds the way in of whoever proved it, and calls
 * `markMailboxProved`; after it `forgetKeysOf` the personal workspace.
 */
export async function claimUnverifiedAddress(systemDb: Db, user: { id: string; personalAccountId: string | null }): Promise<void> {
  const ways = ['passwords', 'sessions', 'passkeys', 'passkeyChallenges', 'identities', 'oneTimeTokens'] as const
  // It would be the app of the other one that whoever comes in now is asked about.
  const secondFactor = ['secondFactors', 'recoveryCodes'] as const
  for (const table of [...ways, ...secondFactor]) await systemDb.deleteFrom(table).where('userId', '=', user.id).execute()
  await systemDb
    .deleteFrom('apiKeys')
    .where('agentId', 'is', null)
    .where((eb) =>
      eb.or([eb('createdBy', '=', user.id), ...(user.personalAccountId ? [eb('accountId', '=', user.personalAccountId)] : [])]),
    )
    .execute()
}
