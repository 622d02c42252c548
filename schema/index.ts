import './accounts.ts'
import './agents.ts'
import './chat.ts'
import './gateway.ts'
import './models.ts'
import './payments.ts'
import './system.ts'
import './usage.ts'
import { builder } from './builder.ts'

/** The GraphQL door: every operation as a field, and connections and nested fields on top. */
export const schema = builder.toSchema()
