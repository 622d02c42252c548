export { rotateSecret } from './rotation.service.ts'
export type { SealedColumn } from './sealed-column.ts'
