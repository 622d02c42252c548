import type { EndpointCard } from './farcaster.contract.ts'

export const verifyCard: EndpointCard = {
  endpoint: '/api/auth/farcaster/verify',
  methods: ['POST'],
  description: 'Checks a Farcaster identity, and the token balance of a wallet that is named with it.',
  required: ['fidToken'],
  optional: ['address'],
}

export const refreshCard: EndpointCard = {
  endpoint: '/api/auth/farcaster/refresh',
  methods: ['POST'],
  description: 'Renews a session token of the verify call.',
  required: ['refreshToken'],
}
