import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './farcaster.contract.ts'
import { examples } from './farcaster.examples.ts'
import * as service from './farcaster.service.ts'

const open = { access: 'public', bucket: 'general' } as const

export const farcaster = {
  describeVerify: defineQuery({
    ...open,
    name: 'farcaster.describeVerify',
    summary: 'Describe Farcaster verification',
    input: contract.Nothing,
    output: contract.EndpointCard,
    example: examples.describeVerify,
    run: service.describeVerify,
  }),
  verify: defineMutation({
    ...open,
    name: 'farcaster.verify',
    summary: 'Verify a Farcaster identity',
    description:
      'The identity token is verified with the keys of the Farcaster auth server. With `address`, the token balance of that wallet is read as well; that somebody holds the wallet is not proved. It signs nobody in.',
    transaction: false,
    input: contract.VerifyFarcaster,
    output: contract.FarcasterVerified,
    example: examples.verify,
    run: service.verifyFarcaster,
  }),
  describeRefresh: defineQuery({
    ...open,
    name: 'farcaster.describeRefresh',
    summary: 'Describe Farcaster refresh',
    input: contract.Nothing,
    output: contract.EndpointCard,
    example: examples.describeRefresh,
    run: service.describeRefresh,
  }),
  refresh: defineMutation({
    ...open,
    name: 'farcaster.refresh',
    summary: 'Refresh a Farcaster token',
    description: 'Renews a session token of this server, for 30 days from when the identity was verified. The balance is read again.',
    transaction: false,
    input: contract.RefreshFarcaster,
    output: contract.FarcasterRefreshed,
    example: examples.refresh,
    run: service.refreshFarcaster,
  }),
}
