export { endSplits } from './execution.service.ts'
