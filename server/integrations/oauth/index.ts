export { configuredProviders, findProvider } from './configured-providers.ts'
export type { Handshake, ProviderId, ProvenPerson, SignInProvider } from './sign-in-provider.ts'
