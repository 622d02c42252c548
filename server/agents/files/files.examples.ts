import { exampleIds } from '#server/platform/operations/index.ts'

const file = {
  id: exampleIds.file,
  filename: 'tides.csv',
  url: `/api/files?download=${exampleIds.file}`,
  size: 12,
  mimeType: 'text/plain',
  agentId: exampleIds.agent,
  createdAt: '2026-03-02T06:40:00.000Z',
} as const

export const examples = {
  list: { input: { agentId: exampleIds.agent }, output: { files: [file], totalSize: file.size, count: 1, nextCursor: null } },
  get: { input: { fileId: exampleIds.file }, output: file },
  upload: {
    input: { agentId: exampleIds.agent, filename: file.filename, content: 'aG91cixtZXRyZXMK' },
    output: {
      success: true,
      file: { id: file.id, name: file.filename, size: file.size, type: file.mimeType, url: file.url, uploaded: file.createdAt },
    },
  },
  delete: { input: { fileId: exampleIds.file }, output: { success: true, fileId: exampleIds.file } },
} as const
