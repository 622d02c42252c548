import { z } from 'zod'
import { SignedInUser } from '../accounts/accounts.contract.ts'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'
import { nameText, nameTextOrNone } from '#server/platform/core/texts.contract.ts'

export const Passkey = z
  .object({
    id: z.string().describe('Its id.'),
    credentialId: z.string().describe('How browsers know it.'),
    label: z.string().describe('What its owner calls it.'),
    isSynced: z.boolean().describe('True for one that its owner can have on several devices.'),
    createdAt: timestamp.describe('When it was registered.'),
    lastUsed: timestamp.nullable().describe('Last time it signed something for this server; null before the first.'),
  })
  .meta({ id: 'Passkey', description: 'A passkey that was registered for the account.' })
export type Passkey = z.infer<typeof Passkey>

export const Passkeys = z.array(Passkey).max(20)

export const WebAuthnOptions = z
  .looseObject({})
  .meta({ id: 'WebAuthnOptions', description: 'Options as the browser credentials API takes them.' })

export const PasskeyChallenge = z
  .string()
  .regex(/^0x[0-9a-fA-F]+$/, 'expected 0x and hex digits')
  .meta({ id: 'PasskeyChallenge', description: 'Challenge, good once and for 5 minutes.' })

export const PasskeyRegistration = z
  .object({ options: WebAuthnOptions, challenge: PasskeyChallenge })
  .meta({ id: 'PasskeyRegistration', description: 'What a browser needs to make a passkey.' })
export type PasskeyRegistration = z.infer<typeof PasskeyRegistration>

export const WebAuthnCredential = z
  .looseObject({ id: z.string().min(1, 'expected the id of the credential').describe('Credential id.') })
  .meta({ id: 'WebAuthnCredential', description: 'Serialised answer of the browser credentials API.' })
export type WebAuthnCredential = z.infer<typeof WebAuthnCredential>

export const RegisterPasskey = z.object({
  credential: WebAuthnCredential,
  challenge: PasskeyChallenge,
  label: nameTextOrNone(100)
    .transform((label) => label || 'Passkey')
    .default('Passkey')
    .describe('What to call it; `Passkey` when left out.'),
})
export type RegisterPasskey = z.infer<typeof RegisterPasskey>

export const PasskeyRef = z.object({ passkeyId: z.string().min(1).describe('Id of the passkey.') })
export type PasskeyRef = z.infer<typeof PasskeyRef>

export const PasskeyRemoved = Success

export const RenamePasskey = z.object({ ...PasskeyRef.shape, label: nameText(100).describe('What to call it, 1 to 100 characters.') })
export type RenamePasskey = z.infer<typeof RenamePasskey>

export const StartPasskeySignIn = z.object({
  identifier: z
    .string()
    .min(1, 'expected an email, or nothing at all')
    .max(254)
    .optional()
    .describe('Email, case does not matter. Left out: any passkey of this site that the device offers.'),
})
export type StartPasskeySignIn = z.infer<typeof StartPasskeySignIn>

export const PasskeySignInOptions = z
  .object({ options: WebAuthnOptions, challenge: PasskeyChallenge })
  .meta({ id: 'PasskeySignInOptions', description: 'What a browser needs to sign in with a passkey.' })
export type PasskeySignInOptions = z.infer<typeof PasskeySignInOptions>

export const SignInWithPasskey = z.object({
  response: WebAuthnCredential.extend({
    signCount: z.int().min(0).optional().describe('Not looked at: what the passkey signed says it too.'),
  }).describe('What the browser answered.'),
  challenge: PasskeyChallenge,
})
export type SignInWithPasskey = z.infer<typeof SignInWithPasskey>

export { SignedInUser }
