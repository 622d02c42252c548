export { FarcasterNotConfigured, FarcasterTokenRefused } from './farcaster.errors.ts'
export { farcasterDomain, verifyFarcasterToken } from './quick-auth.ts'
