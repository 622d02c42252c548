export { EmailTaken } from './users.errors.ts'
export { deletePassword, findPasswordHash, findUser, findUserByEmail, updateUser, upsertPassword, verifyEmail } from './users.queries.ts'
export { createUser } from './users.service.ts'
