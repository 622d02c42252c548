export { findIdentity, insertIdentity, touchIdentity } from './identities.queries.ts'
export { findAccountOfWallet, findSignInWallet, linkIdentity, WALLETS } from './identities.service.ts'
