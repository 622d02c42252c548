import { renderSVG } from 'uqr'
import { inTransaction, userOf, type Platform, type SessionContext, type UserId } from '#server/platform/core/index.ts'
import { ownSessions } from '../auth/index.ts'
import { MAX_FAILURES, takeCode } from './codes.service.ts'
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.rules.ts'
import { openSecret, sealSecret } from './sealed-secret.ts'
import type {
  ActivateSecondFactor,
  RecoveryCodes,
  SecondFactorCode,
  SecondFactorSetup,
  SecondFactorStatus,
} from './second-factor.contract.ts'
import { SecondFactorActive, SetupNotBegun, WrongCode } from './second-factor.errors.ts'
import * as queries from './second-factor.queries.ts'
import { findStep, newTotpSecret, toBase32, totpUri } from './totp.rules.ts'

/** Whether signing in asks the person for a code, and what is left of their recovery codes. */
export async function getStatus(ctx: SessionContext): Promise<SecondFactorStatus> {
  const { system } = ctx.platform.databases
  const active = await queries.findActive(system, userOf(ctx))
  return {
    isActive: active !== undefined,
    activatedAt: active?.activatedAt ?? null,
    recoveryCodesLeft: active ? await queries.countRecoveryCodes(system, userOf(ctx)) : 0,
    isLocked: active !== undefined && active.failures >= MAX_FAILURES,
  }
}

/** Whether a person is asked for a second factor. */
export const hasSecondFactor = async ({ databases }: Platform, userId: string): Promise<boolean> =>
  (await queries.findActive(databases.system, userId)) !== undefined

/** Makes a secret for an app. Nothing changes until a code of it was sent. @throws SecondFactorActive */
export async function beginSetup(ctx: SessionContext): Promise<SecondFactorSetup> {
  const { platform, actor } = ctx
  const userId = userOf(ctx)
  const secret = newTotpSecret()
  if (!(await queries.storePending(platform.databases.system, userId, sealSecret(platform, userId, secret)))) throw new SecondFactorActive()
  const uri = totpUri(secret, `Agentbot ${new URL(platform.env.APP_URL).host}`, actor.user.email ?? actor.user.name)
  const picture = Buffer.from(renderSVG(uri, { border: 2 })).toString('base64')
  return { secret: toBase32(secret), uri, qrCode: `data:image/svg+xml;base64,${picture}` }
}

/** From now on signing in asks for a code. @throws SetupNotBegun, WrongCode */
export async function activateSecondFactor(ctx: SessionContext, { code }: ActivateSecondFactor): Promise<RecoveryCodes> {
  const { system } = ctx.platform.databases
  const userId = userOf(ctx)
  const pending = await queries.findPending(system, userId)
  if (!pending) throw new SetupNotBegun()
  const step = findStep(openSecret(ctx.platform, userId, pending.secret), code, Date.now(), null)
  if (step === undefined) throw new WrongCode()
  return inTransaction(system, async (db) => {
    if (!(await queries.activate(db, userId, pending.secret, step))) throw new SetupNotBegun()
    await ownSessions.noteSecondFactor(db, ctx.actor.session.token)
    return { recoveryCodes: await replaceCodes(db, userId) }
  })
}

/** Signing in asks for no code any more. @throws WrongCode, SecondFactorLocked, SecondFactorInactive */
export async function disableSecondFactor(ctx: SessionContext, { code }: SecondFactorCode): Promise<{ success: true }> {
  await takeCode(ctx, userOf(ctx), code)
  await inTransaction(ctx.platform.databases.system, (db) => queries.remove(db, userOf(ctx)))
  return { success: true }
}

/** New recovery codes; those before are void. @throws WrongCode, SecondFactorLocked, SecondFactorInactive */
export async function renewRecoveryCodes(ctx: SessionContext, { code }: SecondFactorCode): Promise<RecoveryCodes> {
  await takeCode(ctx, userOf(ctx), code)
  return inTransaction(ctx.platform.databases.system, async (db) => ({ recoveryCodes: await replaceCodes(db, userOf(ctx)) }))
}

async function replaceCodes(db: Parameters<typeof queries.replaceRecoveryCodes>[0], userId: UserId): Promise<string[]> {
  const codes = newRecoveryCodes()
  await queries.replaceRecoveryCodes(db, userId, codes.map(hashRecoveryCode))
  return codes
}
