import { redirectFromProvider } from '../../features/identity/auth/oauth-redirects.server.ts'

export const loader = redirectFromProvider
export const action = loader
