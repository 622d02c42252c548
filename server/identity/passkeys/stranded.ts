import type { Platform } from '#server/platform/core/index.ts'
import * as queries from './sign-in.queries.ts'
import { relyingPartyOf } from './webauthn.ts'

/** Says in the log how many passkeys no browser offers any more, because the host of APP_URL is not the one they were made for. */
export async function warnOfStrandedPasskeys({ env, databases, log }: Platform): Promise<void> {
  const { rpID } = relyingPartyOf(env)
  await queries.fillSites(databases.system, rpID)
  for (const { rpId, count } of await queries.countForOtherSites(databases.system, rpID))
    log.warn(
      { passkeys: Number(count), madeFor: rpId, host: rpID },
      `${count} passkeys were made for ${rpId} and cannot be used, because APP_URL is now at ${rpID}`,
    )
}
