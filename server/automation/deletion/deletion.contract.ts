import { z } from 'zod'
import { Nothing, Success, timestamp } from '#server/platform/core/common.contract.ts'
import { secret } from '#server/platform/core/secret-fields.contract.ts'

export { Nothing, Success }

export const DeleteWorkspace = z.object({
  name: z.string().min(1).max(200).describe('The name of the workspace as it is, so that it is not another one.'),
})
export type DeleteWorkspace = z.output<typeof DeleteWorkspace>

export const DeletedWorkspace = z
  .object({
    id: z.string().describe('Its id.'),
    name: z.string().describe('What it is called.'),
    deletedAt: timestamp.describe('When it was deleted: since then nobody gets in, and its keys and agents have stopped.'),
    erasedAt: timestamp.describe('When everything in it is erased; until then an owner can take it back.'),
  })
  .meta({ id: 'DeletedWorkspace', description: 'A workspace that was deleted and can still be taken back.' })
export type DeletedWorkspace = z.infer<typeof DeletedWorkspace>

export const DeletedWorkspaceList = z.array(DeletedWorkspace).max(100)

export const RestoreWorkspace = z.object({ workspaceId: z.string().min(1).describe('Id of the workspace.') })
export type RestoreWorkspace = z.output<typeof RestoreWorkspace>

export const RestoredWorkspace = z
  .object({ id: z.string().describe('Its id.'), name: z.string().describe('What it is called.') })
  .meta({ id: 'RestoredWorkspace', description: 'A workspace that is open again. Its agents are stopped.' })
export type RestoredWorkspace = z.infer<typeof RestoredWorkspace>

export const DeleteUser = z.object({ confirm: z.literal(true).describe('That it is meant.') })

export const DeletedUser = z
  .object({
    erasedAt: timestamp.describe('When everything of the person is erased; until then it can be taken back.'),
    restoreToken: secret(
      z.string().describe('What takes it back, once; a mail with the same in a link is sent where there is an address.'),
    ),
  })
  .meta({ id: 'DeletedUser', description: 'A person who was deleted, and how to take that back.' })
export type DeletedUser = z.infer<typeof DeletedUser>

export const RestoreUser = z.object({ token: z.string().min(1).max(200).describe('As it was given when the person was deleted.') })
export type RestoreUser = z.output<typeof RestoreUser>
