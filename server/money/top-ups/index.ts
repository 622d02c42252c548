export { TOP_UP, topUpCheckouts } from './top-ups.service.ts'
