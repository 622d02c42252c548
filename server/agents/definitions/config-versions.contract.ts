import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { AgentConfig } from './agents.contract.ts'

const agentId = z.string().min(1)
const version = z.int('expected a whole number').min(1, 'expected 1 or more').max(2_147_483_647)

export const ConfigVersion = z
  .object({ version, createdAt: timestamp, config: AgentConfig })
  .meta({ id: 'AgentConfigVersion', description: 'A configuration an agent has or had, without secrets.' })
export type ConfigVersion = z.infer<typeof ConfigVersion>
export const ConfigVersions = z.array(ConfigVersion)

export const RestoreConfig = z.object({ agentId, version })
export type RestoreConfig = z.infer<typeof RestoreConfig>

export const CompareConfigs = z.object({ agentId, from: version, to: version })
export type CompareConfigs = z.infer<typeof CompareConfigs>

export const ConfigChange = z
  .object({
    path: z.string().describe('Keys and list positions with dots between them, such as `channels.telegram.name`.'),
    kind: z.enum(['added', 'removed', 'changed']).meta({ id: 'AgentConfigChangeKind' }),
    before: z.unknown().describe('A secret reads `[secret]`.'),
    after: z.unknown().describe('A secret reads `[secret]`.'),
  })
  .meta({ id: 'AgentConfigDifference' })
export type ConfigChange = z.infer<typeof ConfigChange>

export const ConfigDiff = z
  .object({ from: version, to: version, changes: z.array(ConfigChange) })
  .meta({ id: 'AgentConfigDiff', description: 'What is different between two versions of a configuration.' })
export type ConfigDiff = z.infer<typeof ConfigDiff>
