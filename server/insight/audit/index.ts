export { listServerEvents } from './audit.service.ts'
