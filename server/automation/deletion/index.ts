export { stopAgentsOfDeleted } from './agents.service.ts'
export { erasedTables, keptTables } from './erased-tables.rules.ts'
export { eraseDue } from './erasure.service.ts'
