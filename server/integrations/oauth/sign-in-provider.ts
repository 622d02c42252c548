/** Who can vouch for a person. `oidc` is whichever OpenID Connect issuer the operator names. */
export const providerIds = ['github', 'google', 'oidc'] as const
export type ProviderId = (typeof providerIds)[number]

/** What ties the answer of a provider to the question that was asked; all are random and good once. */
export interface Handshake {
  state: string
  nonce: string
  codeVerifier: string
}

/** A person, as a provider knows them. */
export interface ProvenPerson {
  /** With the subject it names the person for ever; the address does not. */
  issuer: string
  subject: string
  /** How the provider's own pages name the person; for the list of sign-ins. */
  label: string
  name: string | null
  email: string | null
  /** Whether the provider says that the mailbox is the person's. */
  isEmailVerified: boolean
}

/** A service elsewhere that people sign in with. */
export interface SignInProvider {
  id: ProviderId
  /** As buttons write it. */
  name: string
  /**
   * The page of the provider where the person signs in.
   *
   * @param redirectUri Where the provider sends them afterwards; it has to be registered there.
   * @throws ProviderUnavailable
   */
  authorizationUrl(redirectUri: string, handshake: Handshake): Promise<string>
  /**
   * Redeems what the provider sent the person back with.
   *
   * @param callback `redirectUri` with the query they came back with.
   * @throws SignInRefused, ProviderUnavailable
   */
  readPerson(callback: URL, handshake: Handshake): Promise<ProvenPerson>
}
