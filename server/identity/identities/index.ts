export { deleteIdentity, findIdentity, insertIdentity, listIdentities, touchIdentity } from './identities.queries.ts'
export { linkIdentity } from './identities.service.ts'
