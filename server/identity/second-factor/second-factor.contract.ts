import { z } from 'zod'
import { Nothing, Success, timestamp } from '#server/platform/core/common.contract.ts'

const code = z
  .string()
  .trim()
  .min(6, 'expected 6 digits of the app, or a recovery code')
  .max(40, 'expected 6 digits of the app, or a recovery code')

export { Nothing, Success }

export const SecondFactorStatus = z
  .object({
    isActive: z.boolean().describe('Whether signing in asks for a code.'),
    activatedAt: timestamp.nullable().describe('Since when; null while it is off.'),
    recoveryCodesLeft: z.number().int().min(0).describe('Recovery codes that were not used yet.'),
    isLocked: z
      .boolean()
      .describe('True after 10 wrong codes in a row: codes of the app then count no more until a recovery code or a passkey was used.'),
  })
  .meta({ id: 'SecondFactorStatus', description: 'The second factor of the person who calls.' })
export type SecondFactorStatus = z.infer<typeof SecondFactorStatus>

export const SecondFactorSetup = z
  .object({
    secret: z.string().describe('The secret in base32, to be typed into an app.'),
    uri: z.string().describe('The same as an `otpauth:` address, for an app on this device.'),
    qrCode: z.string().describe('That address as a QR code: an SVG picture, as a `data:` address.'),
  })
  .meta({ id: 'SecondFactorSetup', description: 'What an authenticator app needs. It counts once a code of it was sent back.' })
export type SecondFactorSetup = z.infer<typeof SecondFactorSetup>

export const RecoveryCodes = z
  .object({ recoveryCodes: z.array(z.string()).length(10).describe('Each is good once, in place of a code. They are shown only now.') })
  .meta({ id: 'RecoveryCodes', description: 'New recovery codes; those before are void.' })
export type RecoveryCodes = z.infer<typeof RecoveryCodes>

export const ActivateSecondFactor = z.object({
  code: z
    .string()
    .trim()
    .regex(/^\d{6}$/, 'expected 6 digits')
    .describe('What the app shows now, 6 digits.'),
})
export type ActivateSecondFactor = z.infer<typeof ActivateSecondFactor>

export const SecondFactorCode = z.object({ code: code.describe('6 digits of the app, or a recovery code.') })
export type SecondFactorCode = z.infer<typeof SecondFactorCode>

export const CompleteSignIn = z.object({
  ticket: z
    .string()
    .min(1, 'expected the ticket of the sign-in')
    .max(200)
    .describe('As the first step of the sign-in gave it; good for 10 minutes.'),
  code: code.describe('6 digits of the app, or a recovery code.'),
})
export type CompleteSignIn = z.infer<typeof CompleteSignIn>
