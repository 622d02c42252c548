import { deletionRest } from '#server/automation/deletion/deletion.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: deletionRest.listDeleted })
export const action = loader
