export { WORKSPACE_EXPORT, workspaceExport } from './export-job.service.ts'
export { forgetOldExports } from './exports.service.ts'
