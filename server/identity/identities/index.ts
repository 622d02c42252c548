export { findIdentity, insertIdentity, touchIdentity } from './identities.queries.ts'
export { findSignInWallet, linkIdentity, WALLETS } from './identities.service.ts'
