import { z } from 'zod'
import { KeyScope } from '../keys/keys.contract.ts'
import { Nothing, timestamp } from '#server/platform/core/common.contract.ts'
import { roles } from '#server/platform/core/roles.contract.ts'
import { scopes } from '#server/platform/core/scopes.contract.ts'
import { nameText } from '#server/platform/core/texts.contract.ts'

export { Nothing }

export const WorkspaceRole = z.enum(roles).meta({
  id: 'WorkspaceRole',
  description: 'What somebody is in a workspace.',
  'x-enumDescriptions': {
    owner: 'May do everything, and give the workspace to somebody else.',
    admin: 'Sees to members, keys, money and settings as well.',
    member: 'Works with agents, their memory and their conversations.',
    viewer: 'Looks at everything but keys that are shown once, and changes nothing.',
  } satisfies Record<(typeof roles)[number], string>,
})

export const WorkspaceKind = z.enum(['personal', 'team']).meta({
  id: 'WorkspaceKind',
  description: 'Whose a workspace is.',
  'x-enumDescriptions': { personal: 'Of one person, who got it when they registered.', team: 'Of several people.' },
})

export const Workspace = z
  .object({
    id: z.string().describe('Its id: what the header `X-Agentbot-Workspace` takes.'),
    name: z.string().describe('What it is called.'),
    kind: WorkspaceKind,
    role: WorkspaceRole.nullable().describe('What the caller is in it; null for an API key, which is nobody.'),
    createdAt: timestamp.describe('When it was made.'),
  })
  .meta({ id: 'Workspace', description: 'What agents, keys, files and money belong to.' })
export type Workspace = z.infer<typeof Workspace>

export const Workspaces = z.array(Workspace)

export const WorkspaceScope = z.enum(scopes).meta({
  id: 'WorkspaceScope',
  description: 'What one may do in a workspace, by role or by key.',
  'x-enumDescriptions': {
    ...(KeyScope.meta()?.['x-enumDescriptions'] as Record<KeyScope, string>),
    'keys:read': 'See API keys.',
    'keys:write': 'Make and delete API keys.',
    'workspace:own': 'Hand the workspace over, or delete it.',
  } satisfies Record<(typeof scopes)[number], string>,
})

export type WorkspaceScope = z.infer<typeof WorkspaceScope>

export const CurrentWorkspace = z
  .object({
    ...Workspace.shape,
    scopes: z.array(WorkspaceScope).max(scopes.length).describe('What the caller may do in it.'),
    memberCount: z.int().describe('How many people are in it.'),
  })
  .meta({ id: 'CurrentWorkspace', description: 'The workspace a call is made in.' })
export type CurrentWorkspace = z.infer<typeof CurrentWorkspace>

const name = nameText(100).describe('What to call it, 1 to 100 characters.')

export const CreateWorkspace = z.object({ name })
export type CreateWorkspace = z.infer<typeof CreateWorkspace>

export const RenameWorkspace = z.object({ name })
export type RenameWorkspace = z.infer<typeof RenameWorkspace>

export const TurnIntoTeam = z.object({ name: name.describe('What to call the team, 1 to 100 characters.') })
export type TurnIntoTeam = z.infer<typeof TurnIntoTeam>

export const ChooseWorkspace = z.object({
  workspaceId: z.string().min(1, 'expected the id of a workspace').describe('Id of the workspace.'),
})
export type ChooseWorkspace = z.infer<typeof ChooseWorkspace>
