import { systemRest } from '#server/system/system.rest.ts'
import { rest } from '../http/rest.server.ts'

export const loader = rest({ GET: systemRest.readiness })
export const action = loader
