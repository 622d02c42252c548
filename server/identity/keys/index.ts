export { createAgentKey, getApiKey } from './keys.service.ts'
export { tellOfExpiringKeys } from './key-letters.service.ts'
