export { createProcesses } from './process.ts'
