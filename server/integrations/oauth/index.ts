export { configuredProviders, findProvider } from './configured-providers.ts'
export { type Handshake, type ProviderId, providerIds, type ProvenPerson, type SignInProvider } from './sign-in-provider.ts'
