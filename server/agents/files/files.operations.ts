import { defineList, defineMutation, defineQuery, definePages, placeById } from '#server/platform/operations/index.ts'
import * as contract from './files.contract.ts'
import * as service from './files.service.ts'
import { uploadFile } from './upload.service.ts'
import { examples } from './files.examples.ts'

const reads = { access: 'account', scope: 'agents:read', bucket: 'general' } as const
// They store and remove bytes outside of the database.
const writes = { access: 'account', scope: 'agents:write', bucket: 'general', transaction: false } as const

export const files = {
  list: defineList({
    ...reads,
    name: 'files.list',
    summary: 'List files',
    input: contract.ListFiles,
    output: contract.FileList,
    pages: definePages({
      input: contract.FilterFiles,
      node: contract.AgentFile,
      place: placeById,
      list: service.listFilePage,
      count: service.countFiles,
    }),
    example: examples.list,
    run: service.listFiles,
  }),
  get: defineQuery({
    ...reads,
    name: 'files.get',
    summary: 'Get what is known of a file',
    input: contract.FileRef,
    output: contract.AgentFile,
    example: examples.get,
    run: service.getFile,
  }),
  upload: defineMutation({
    ...writes,
    name: 'files.upload',
    summary: 'Upload a file',
    description: 'The file is in base64, so its size is limited by that of a request; over REST a form can have more.',
    input: contract.UploadFile,
    output: contract.FileUploaded,
    idempotent: true,
    example: examples.upload,
    run: uploadFile,
  }),
  delete: defineMutation({
    ...writes,
    name: 'files.delete',
    summary: 'Delete a file',
    input: contract.FileRef,
    output: contract.FileDeleted,
    removes: ({ fileId }) => fileId,
    example: examples.delete,
    run: service.deleteFile,
  }),
}
