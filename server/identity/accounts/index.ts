export { registerManagedInstance } from './managed-instance.ts'
