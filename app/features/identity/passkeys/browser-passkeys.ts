import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  sendSignal,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
  WebAuthnError,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'

// Options come from the server as they are, so their fields are known to the two ends only.

type Options = Record<string, unknown>
type Answer = Record<string, unknown> & { id: string }

/** Browsers have passkeys on names alone, and only where nobody on the way can read along, or on the machine itself. */
const isNamed = (hostname: string): boolean => hostname === 'localhost' || (/[a-z]/i.test(hostname) && !hostname.includes(':'))

/** Whether passkeys can be used on this page, which is one of the server's public address. */
export const canUsePasskeys = (): boolean => browserSupportsWebAuthn() && window.isSecureContext && isNamed(window.location.hostname)

/** Whether the browser offers passkeys in the form, besides passwords. */
export const offersAutofill = (): Promise<boolean> => browserSupportsWebAuthnAutofill()

/** Has somebody use a passkey; in the form where `isAutofill`, else in a dialog of the browser. */
export const askForPasskey = (options: Options, isAutofill = false): Promise<Answer> =>
  startAuthentication({
    optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON,
    useBrowserAutofill: isAutofill,
  }) as unknown as Promise<Answer>

/** Ends what somebody was asked for, as it is of no use any more. */
export const stopAsking = (): void => WebAuthnAbortService.cancelCeremony()

/** Has somebody make a passkey. */
export const makePasskey = (options: Options): Promise<Answer> =>
  startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON }) as unknown as Promise<Answer>

/** Tells the browser that the server does not know a passkey, so that it is offered no more. Browsers may not care. */
export async function forgetPasskey(credentialID: string): Promise<void> {
  await sendSignal({ signalName: 'unknownCredential', rpID: window.location.hostname, credentialID }).catch(() => undefined)
}

/** Tells the browser which passkeys of a person there are, so that others are offered no more. Browsers may not care. */
export async function keepOnlyPasskeys(userId: string, allAcceptedCredentialIDs: string[]): Promise<void> {
  const userID = btoa(userId).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  await sendSignal({ signalName: 'allAcceptedCredentials', rpID: window.location.hostname, userID, allAcceptedCredentialIDs }).catch(
    () => undefined,
  )
}

/** Whether somebody closed the dialog of the browser, or something else took its place. */
export const isDismissal = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError' || isCode(error, 'ERROR_CEREMONY_ABORTED'))

/** Whether the device has a passkey of this person already. */
export const isMadeAlready = (error: unknown): boolean => isCode(error, 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED')

const isCode = (error: unknown, code: WebAuthnError['code']): boolean => error instanceof WebAuthnError && error.code === code
