import { bind } from '#server/platform/operations/index.ts'
import { farcaster } from './farcaster.operations.ts'

export const farcasterRest = {
  describeVerify: bind({ id: 'describeFarcasterVerify', tag: 'auth', operation: farcaster.describeVerify }),
  verify: bind({ id: 'verifyFarcaster', tag: 'auth', operation: farcaster.verify, errors: [401, 403, 502, 503] }),
  describeRefresh: bind({ id: 'describeFarcasterRefresh', tag: 'auth', operation: farcaster.describeRefresh }),
  refresh: bind({ id: 'refreshFarcaster', tag: 'auth', operation: farcaster.refresh, errors: [401, 502, 503] }),
}
