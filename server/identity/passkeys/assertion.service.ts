import { userOf, type AccountContext } from '#server/platform/core/index.ts'
import { AssertionAnswer, verifyAnswer, type Assertion } from './assertion.ts'
import { NoPasskey, PasskeyRefused } from './passkeys.errors.ts'
import * as queries from './passkeys.queries.ts'
import { CHALLENGE_SECONDS, challengeBytes, loadWebAuthn, relyingPartyOf } from './webauthn.ts'

/** What a browser needs to have a challenge signed by a passkey of the account. @throws NoPasskey */
export async function createAssertionOptions(ctx: AccountContext, challenge: string): Promise<Record<string, unknown>> {
  const allowCredentials = await queries.listCredentials(ctx.db, userOf(ctx))
  if (allowCredentials.length === 0) throw new NoPasskey()
  const { generateAuthenticationOptions } = await loadWebAuthn()
  const options = await generateAuthenticationOptions({
    rpID: relyingPartyOf(ctx.platform.env).rpID,
    challenge: challengeBytes(challenge),
    timeout: CHALLENGE_SECONDS * 1000,
    userVerification: 'required',
    allowCredentials,
  })
  return { ...options }
}

/**
 * Checks that a passkey of the account signed a challenge, on this site and by a verified user.
 *
 * @param text what the browser answered, as JSON.
 * @throws PasskeyRefused
 */
export async function checkAssertion(ctx: AccountContext, text: string, challenge: string): Promise<Assertion> {
  const answer = readAnswer(text)
  const passkey = await queries.findByCredential(ctx.db, userOf(ctx), answer.id)
  if (!passkey) throw new PasskeyRefused('it is not registered with this account.')
  return verifyAnswer(ctx.platform.env, passkey, answer, challenge)
}

/** Writes down how often the passkey has signed. @throws PasskeyRefused when it was used again, or removed, meanwhile. */
export async function recordAssertion(ctx: AccountContext, { passkeyId, counterBefore, counter }: Assertion): Promise<void> {
  const updated = await queries.updateCounter(ctx.db, userOf(ctx), passkeyId, counterBefore, counter)
  if (!updated) throw new PasskeyRefused('it was used again or removed at the same time.')
}

function readAnswer(text: string): AssertionAnswer {
  try {
    return AssertionAnswer.parse(JSON.parse(text))
  } catch (error) {
    throw new PasskeyRefused('signature: expected the answer of the browser credentials API as JSON.', error)
  }
}
