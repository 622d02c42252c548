import { z } from 'zod'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'
import { isVisible } from '#server/platform/core/texts.contract.ts'

export const MAX_NAME_LENGTH = 128
/** Of a name as it is sent, which may be a path. */
const MAX_SENT_NAME_LENGTH = 4096
/** Most files one list gives back. */
export const MAX_LISTED_FILES = 1000

const id = z.string().min(1)
const bytes = z.int().min(0).meta({ format: 'int64' })

export const AgentFile = z
  .object({
    id: z.string().describe('Its id.'),
    filename: z.string().max(MAX_NAME_LENGTH).describe('What it is called.'),
    url: z.string().describe('Path to download it.'),
    size: bytes.describe('Bytes.'),
    mimeType: z.string().describe('What its bytes say it is.'),
    agentId: z.string().describe('Id of the agent it was given to.'),
    createdAt: timestamp.describe('When it was uploaded.'),
  })
  .meta({ id: 'AgentFile', description: 'A file that was given to an agent.' })
export type AgentFile = z.infer<typeof AgentFile>

export const ListFiles = z.object({
  agentId: id.optional().describe('Only this agent.'),
  limit: z.int().min(1).max(MAX_LISTED_FILES).default(MAX_LISTED_FILES).describe('Most files to give back.'),
  cursor: z.string().min(1).max(255).optional().describe('`nextCursor` of the page before.'),
})
export type ListFiles = z.output<typeof ListFiles>
export const FilterFiles = ListFiles.pick({ agentId: true })
export type FilterFiles = z.output<typeof FilterFiles>
export const FileList = z
  .object({
    files: z.array(AgentFile).max(MAX_LISTED_FILES).describe('The newest first.'),
    totalSize: bytes.describe('Bytes of all files there are, on this page or not.'),
    count: z.int().min(0).describe('How many files there are.'),
    nextCursor: z.string().nullable().describe('Pass it as `cursor` for the files after these; null when there are no more.'),
  })
  .meta({ id: 'FileList', description: 'A page of files, and what all of them take.' })
export type FileList = z.infer<typeof FileList>

export const FileRef = z.object({ fileId: id.describe('Id of the file.') })
export type FileRef = z.output<typeof FileRef>

/** A file inside JSON, for small ones. */
export const UploadFile = z.object({
  agentId: id.describe('Id of the agent it is for.'),
  filename: z
    .string()
    .max(MAX_SENT_NAME_LENGTH)
    .refine((name) => name === '' || isVisible(name), 'expected a name with at least one character that can be seen')
    .describe('What to call it. More than 128 characters are cut, in front of the extension.'),
  content: z.base64().describe('The bytes, in base64.'),
  mimeType: z.string().optional().describe('What it is meant to be; what its bytes say counts.'),
})
export type UploadFile = z.output<typeof UploadFile>

const UploadedFile = z
  .object({
    id: z.string().describe('Its id.'),
    name: z.string().max(MAX_NAME_LENGTH).describe('What it is called.'),
    size: bytes.describe('Bytes.'),
    type: z.string().describe('What its bytes say it is.'),
    url: z.string().describe('Path to download it.'),
    uploaded: timestamp.describe('When it was stored.'),
  })
  .meta({ id: 'UploadedFile', description: 'A file as it was stored.' })
export const FileUploaded = z
  .object({ success: z.literal(true).describe('Always true: a failure is an error instead.'), file: UploadedFile })
  .meta({ id: 'FileUploaded', description: 'A file that was stored.' })
export type FileUploaded = z.infer<typeof FileUploaded>

export const FileDeleted = z
  .object({ ...Success.shape, fileId: z.string().describe('Id of the file.') })
  .meta({ id: 'FileDeleted', description: 'A file that is gone.' })
export type FileDeleted = z.infer<typeof FileDeleted>

/** The form as callers over REST send it, for the OpenAPI document. */
export const UploadForm = z.object({
  file: z.string().meta({ contentMediaType: 'application/octet-stream' }).describe('The file.'),
  agentId: id.describe('Id of the agent it is for.'),
})
