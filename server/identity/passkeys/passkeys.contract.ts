import { z } from 'zod'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'
import { nameTextOrNone } from '#server/platform/core/texts.contract.ts'

export const Passkey = z
  .object({
    id: z.string().describe('Its id.'),
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
