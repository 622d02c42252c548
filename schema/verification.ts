import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'

const { passkeys, verification } = operations

exposeQueries({ agentVerification: verification.get, passkeys: passkeys.list })

exposeMutations({
  startAgentVerification: verification.start,
  verifyAgent: verification.verify,
  removeAgentVerification: verification.remove,
  startPasskeyRegistration: passkeys.startRegistration,
  registerPasskey: passkeys.register,
  renamePasskey: passkeys.rename,
  removePasskey: passkeys.remove,
})
