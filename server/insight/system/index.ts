export { healthOf, measureLoad, watchLoad } from './load.ts'
