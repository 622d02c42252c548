export { createAgentKey, getApiKey } from './keys.service.ts'
