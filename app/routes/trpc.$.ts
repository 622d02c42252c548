import { handleTrpc } from '../trpc/handler.server.ts'

export const loader = handleTrpc
export const action = loader
