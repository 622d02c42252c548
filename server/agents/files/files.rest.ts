import type { AccountContext, Context } from '#server/platform/core/index.ts'
import { execute, bind, onceForKey, type Download } from '#server/platform/operations/index.ts'
import { FileRef, UploadForm } from './files.contract.ts'
import { files } from './files.operations.ts'
import { getContent } from './files.service.ts'
import { uploadForm } from './upload.service.ts'

export const filesRest = {
  list: bind({
    id: 'listFiles',
    tag: 'files',
    operation: files.list,
    download: (ctx, { query }) => (query.download === undefined ? undefined : openFile(ctx, query.download)),
    fieldName: (field) => (field === 'fileId' ? 'download' : field),
    document: {
      query: files.list.input.extend({
        download: FileRef.shape.fileId.optional().describe('File id. Given, the answer is the file itself.'),
      }),
    },
    errors: [404, 503],
  }),
  upload: bind({
    id: 'uploadFile',
    tag: 'files',
    operation: files.upload,
    form: (ctx, form) =>
      uploadForm(ctx as AccountContext, form, (upload, store) => onceForKey(ctx as AccountContext, files.upload, upload, store)),
    document: { form: UploadForm },
    status: 201,
    errors: [404, 503],
  }),
  delete: bind({ id: 'deleteFile', tag: 'files', operation: files.delete, document: { body: FileRef }, errors: [404] }),
  content: bind({
    id: 'downloadFile',
    tag: 'files',
    operation: files.get,
    download: (ctx, { params }) => openFile(ctx, params.fileId!),
    errors: [404, 503],
  }),
}

/** The call is counted and checked as that for what is known of the file. @throws FileNotFound */
async function openFile(ctx: Context, fileId: string): Promise<Download> {
  await execute(files.get, ctx, { fileId })
  const { name, size, type, sha256, open } = await getContent(ctx as AccountContext, fileId)
  return { name, size, type, etag: `"${sha256}"`, open }
}
