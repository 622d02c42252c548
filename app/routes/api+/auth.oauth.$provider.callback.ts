import { redirectFromProvider } from '../../http/oauth-redirects.server.ts'

export const loader = redirectFromProvider
export const action = loader
