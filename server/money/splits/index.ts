export { expireSplits } from './approval.service.ts'
export { endSplits } from './execution.service.ts'
