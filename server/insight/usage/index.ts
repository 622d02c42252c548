export { forgetOldUsage } from './retention.service.ts'
