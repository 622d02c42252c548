import { z } from 'zod'
import { defineList, defineMutation, defineQuery, definePages, placeById, type IncomingForm } from '#server/platform/operations/index.ts'
import * as contract from './files.contract.ts'
import * as service from './files.service.ts'
import * as upload from './upload.service.ts'

const reads = { access: 'account', scope: 'agents:read', bucket: 'general' } as const
// They store and remove bytes outside of the database.
const writes = { access: 'account', scope: 'agents:write', bucket: 'general', transaction: false } as const

const uploading = { ...writes, name: 'files.upload', summary: 'Upload a file', output: contract.FileUploaded } as const

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
    run: service.listFiles,
  }),
  get: defineQuery({
    ...reads,
    name: 'files.get',
    summary: 'Get what is known of a file',
    input: contract.FileRef,
    output: contract.AgentFile,
    run: service.getFile,
  }),
  upload: defineMutation({
    ...uploading,
    description: 'The file is in base64, so its size is limited by that of a request; over REST a form can have more.',
    input: contract.UploadFile,
    run: upload.uploadFile,
  }),
  delete: defineMutation({
    ...writes,
    name: 'files.delete',
    summary: 'Delete a file',
    input: contract.FileRef,
    output: contract.FileDeleted,
    run: service.deleteFile,
  }),
}

/** `files.upload` for callers over REST, whose file is read while it arrives. */
export const uploadForm = defineMutation({
  ...uploading,
  input: z.object({ form: z.custom<IncomingForm>() }),
  run: upload.uploadForm,
})
