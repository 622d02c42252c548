import { farcasterRest } from '#server/identity/farcaster/farcaster.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: farcasterRest.describeVerify, POST: farcasterRest.verify })
export const action = loader
