export { healthOf, measureLoad } from './load.ts'
