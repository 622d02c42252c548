export { exportedTables, tablesLeftOut } from './exported-tables.rules.ts'
export { WORKSPACE_EXPORT, workspaceExport } from './export-job.service.ts'
export { forgetOldExports } from './exports.service.ts'
