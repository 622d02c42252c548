export { checkProvider } from './agent-models.service.ts'
export { listCredentialNames, readAgentCredentials, sealedCredentials, setCredential } from './agent-credentials.service.ts'
export { AgentNotFound, AgentStartFailed, AgentTakenOver, NoGateway, NotRepaired, ProvisioningFailed } from './agents.errors.ts'
export { formatBytes, formatDuration } from './agents.rules.ts'
export * as agents from './agents.service.ts'
export {
  type AgentRow,
  createAgent,
  deleteAgentRow,
  findAgent,
  findAgentOfInstance,
  findAgentRow,
  findDefaultAgent,
  findOldestRow,
  findOwnInstance,
  getAgent,
  hasAgent,
  isInstanceOfAnybody,
  keepAgent,
  saveSecretIfAbsent,
  listAgents,
  listSkills,
  lockAgent,
  markDegraded,
  noteHealth,
  replaceModel,
  setAgentImage,
  setAgentStatus,
  switchSkill,
  toDetail,
} from './agents.service.ts'
export { omitSecrets, sealedConfigs } from './config-secrets.rules.ts'
export { diffConfigVersions, listConfigVersions, restoreConfig } from './config-versions.service.ts'
