import { redirectToProvider } from '../../http/oauth-redirects.server.ts'

export const loader = redirectToProvider
export const action = loader
