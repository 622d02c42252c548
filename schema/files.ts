import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'

const { files } = operations

exposeQueries({ files: files.list, file: files.get })
exposeMutations({ uploadFile: files.upload, deleteFile: files.delete })
