export { findWorkspaceByReferralCode, insertMembership, renamePersonalWorkspace } from './workspaces.queries.ts'
export { createPersonalWorkspace, joinSignupWorkspace, joinWorkspace, requireTeam, toWorkspace } from './workspaces.service.ts'
