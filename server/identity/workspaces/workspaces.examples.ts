import { scopesOfRole } from '#server/platform/core/roles.contract.ts'
import { exampleIds } from '#server/platform/operations/index.ts'

const name = 'Harbour Records'
const team = { id: exampleIds.workspace, name, kind: 'team', role: 'owner', createdAt: '2026-03-02T06:40:00.000Z' } as const
const personal = { ...team, id: exampleIds.account, name: 'Ines Vale', kind: 'personal' } as const

export const examples = {
  list: { input: {}, output: [personal, team] },
  current: { input: {}, output: { ...team, scopes: [...scopesOfRole.owner], memberCount: 2 } },
  create: { input: { name }, output: team },
  rename: { input: { name }, output: team },
  turnIntoTeam: { input: { name }, output: team },
  choose: { input: { workspaceId: exampleIds.workspace }, output: team },
} as const
