export { findIdentity, insertIdentity, touchIdentity } from './identities.queries.ts'
export { linkIdentity, WALLETS } from './identities.service.ts'
