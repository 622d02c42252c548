export { GATEWAY_CHAT, gatewayChat } from './gateway-chat.service.ts'
export { type NewJob, type RunRow, countRunsOf, enqueueJobs, forgetOldJobs, listRunsOf, releaseInterruptedJobs } from './jobs.service.ts'
export { withKey } from './with-key.ts'
