export * as agentWatches from './agent-watches.queries.ts'
export type { Watch } from './agent-watches.queries.ts'
export * as workspaceChanges from './workspace-changes.queries.ts'
export { noteWorkspaceChange } from './workspace-changes.service.ts'
