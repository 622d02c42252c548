import { farcasterRest } from '#server/identity/farcaster/farcaster.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: farcasterRest.describeRefresh, POST: farcasterRest.refresh })
export const action = loader
