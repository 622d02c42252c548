import { exportsRest } from '#server/automation/exports/exports.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: exportsRest.archive })
export const action = loader
