import { deletionRest } from '#server/automation/deletion/deletion.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: deletionRest.restoreUser })
export const action = loader
