export { createBuiltin } from './builtin.ts'
