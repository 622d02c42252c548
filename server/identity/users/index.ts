export { EmailTaken } from './users.errors.ts'
export { deletePassword, findPasswordHash, findUser, findUserByEmail, lockUser, updateUser, upsertPassword } from './users.queries.ts'
export { createUser, markMailboxProved } from './users.service.ts'
