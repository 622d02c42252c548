import { redirectToProvider } from '../../features/identity/auth/oauth-redirects.server.ts'

export const loader = redirectToProvider
export const action = loader
