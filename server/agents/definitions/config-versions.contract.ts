import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { AgentConfig } from './agents.contract.ts'

const agentId = z.string().min(1)
const version = z.int('expected a whole number').min(1, 'expected 1 or more').max(2_147_483_647)

export const ConfigVersion = z
  .object({ version: version.describe('Counts up from 1.'), createdAt: timestamp.describe('When the agent got it.'), config: AgentConfig })
  .meta({ id: 'AgentConfigVersion', description: 'A configuration an agent has or had, without secrets.' })
export type ConfigVersion = z.infer<typeof ConfigVersion>
export const ConfigVersions = z.array(ConfigVersion)

export const RestoreConfig = z.object({
  agentId: agentId.describe('Id of the agent.'),
  version: version.describe('The version to give back.'),
})
export type RestoreConfig = z.infer<typeof RestoreConfig>

export const CompareConfigs = z.object({
  agentId: agentId.describe('Id of the agent.'),
  from: version.describe('The version to compare with.'),
  to: version.describe('The version that is compared.'),
})
export type CompareConfigs = z.infer<typeof CompareConfigs>

export const ConfigChange = z
  .object({
    path: z.string().describe('Keys and list positions with dots between them, such as `channels.telegram.name`.'),
    kind: z.enum(['added', 'removed', 'changed']).meta({
      id: 'AgentConfigChangeKind',
      description: 'How a place differs from one version to another.',
      'x-enumDescriptions': {
        added: 'Only the later one has it.',
        removed: 'Only the earlier one has it.',
        changed: 'Both have it, with different values.',
      },
    }),
    before: z.unknown().describe('A secret reads `[secret]`.'),
    after: z.unknown().describe('A secret reads `[secret]`.'),
  })
  .meta({ id: 'AgentConfigDifference', description: 'One place where two versions differ.' })
export type ConfigChange = z.infer<typeof ConfigChange>

export const ConfigDiff = z
  .object({
    from: version.describe('The version that was compared with.'),
    to: version.describe('The version that was compared.'),
    changes: z.array(ConfigChange).describe('Where they differ, in the order of the paths.'),
  })
  .meta({ id: 'AgentConfigDiff', description: 'What is different between two versions of a configuration.' })
export type ConfigDiff = z.infer<typeof ConfigDiff>
