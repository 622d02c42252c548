export { fileStoreOf } from './configured-store.ts'
export type { ArrivedFile, ByteRange } from './file-store.ts'
export { explainStorageError } from './storage-errors.rules.ts'
