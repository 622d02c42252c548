import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import * as queries from './chat.queries.ts'

/** What the recorded turns of an agent add up to. */
export const findTurnFigures = (ctx: AccountContext, agentId: string) => queries.findTurnFigures(ctx.db, accountOf(ctx), agentId)

/** The tokens of the model calls that were made for an agent. */
export const findTokenFigures = (ctx: AccountContext, agentId: string) => queries.findTokenFigures(ctx.db, accountOf(ctx), agentId)

/** The bytes of what is stored of an agent. */
export const findStoredBytes = (ctx: AccountContext, agentId: string) => queries.findStoredBytes(ctx.db, accountOf(ctx), agentId)
