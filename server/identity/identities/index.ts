export { deleteIdentity, findIdentity, insertIdentity, listIdentities, touchIdentity } from './identities.queries.ts'
