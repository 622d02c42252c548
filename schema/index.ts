import './accounts.ts'
import './agents.ts'
import './budgets.ts'
import './chat.ts'
import './files.ts'
import './gateway.ts'
import './instances.ts'
import './jobs.ts'
import './metrics.ts'
import './models.ts'
import './payments.ts'
import './schedules.ts'
import './settlements.ts'
import './sign-in.ts'
import './system.ts'
import './usage.ts'
import './verification.ts'
// What none of the above has given a name.
import './other-operations.ts'
import { builder } from './builder.ts'

/** The GraphQL transport: every operation as a field, and connections and nested fields on top. */
export const schema = builder.toSchema()
