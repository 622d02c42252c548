export { deleteIdentity, findIdentity, insertIdentity, listIdentities, touchIdentity } from './identities.queries.ts'
export { linkIdentity, WALLETS } from './identities.service.ts'
