import { exportsRest } from '#server/automation/exports/exports.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: exportsRest.get })
export const action = loader
