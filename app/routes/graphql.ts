import { handleGraphql } from '../graphql/handler.server.ts'

export const loader = handleGraphql
export const action = loader
