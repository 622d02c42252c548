export { driverOf } from './create-driver.ts'
