export { findWorkspaceByReferralCode, insertMembership, renamePersonalWorkspace } from './workspaces.queries.ts'
export { createPersonalWorkspace } from './workspaces.service.ts'
