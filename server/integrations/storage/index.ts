export { type ArrivedFile, type ByteRange, fileStoreOf } from './file-store.ts'
export { explainStorageError } from './storage-errors.rules.ts'
