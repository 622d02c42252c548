export { farcasterDomain, verifyFarcasterToken } from './quick-auth.ts'
