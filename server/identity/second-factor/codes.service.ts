import { inTransaction, type Context } from '#server/platform/core/index.ts'
import { SecondFactorInactive, SecondFactorLocked, WrongCode } from './second-factor.errors.ts'
import * as queries from './second-factor.queries.ts'
import { mailLocked } from './locked.letter.ts'
import { hashRecoveryCode, isRecoveryCode } from './recovery-codes.rules.ts'
import { openSecret } from './sealed-secret.ts'
import { findStep } from './totp.rules.ts'

/** Wrong codes in a row after which codes of the app count no more: six digits can be guessed. */
export const MAX_FAILURES = 10

/**
 * Uses up a code: of the app, or a recovery code, of which each is good once.
 *
 * @throws WrongCode; SecondFactorLocked after ten wrong ones in a row; SecondFactorInactive.
 */
export async function takeCode(ctx: Context, userId: string, code: string): Promise<void> {
  if (isRecoveryCode(code)) return takeRecoveryCode(ctx, userId, code)
  const { system } = ctx.platform.databases
  const guess = await queries.countGuess(system, userId, MAX_FAILURES)
  if (!guess) throw (await queries.findActive(system, userId)) ? new SecondFactorLocked() : new SecondFactorInactive()
  const step = findStep(openSecret(ctx.platform, userId, guess.secret), code.replace(/\s/g, ''), Date.now(), guess.lastStep)
  if (step !== undefined && (await queries.claimStep(system, userId, step))) return
  if (guess.failures === MAX_FAILURES) await mailLocked(ctx, userId)
  throw new WrongCode()
}

/** It may be used when codes of the app are locked, and ends that. */
async function takeRecoveryCode({ platform }: Context, userId: string, code: string): Promise<void> {
  await inTransaction(platform.databases.system, async (db) => {
    if (!(await queries.claimRecoveryCode(db, userId, hashRecoveryCode(code)))) throw new WrongCode()
    await queries.forgetFailures(db, userId)
  })
}
