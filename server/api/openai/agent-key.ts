import { type AccountContext, AppError, toAppError } from '#server/platform/core/index.ts'
import { ModelRefusedRequest } from '#server/models/catalogue/index.ts'
import type { AgentConfig } from '#server/agents/definitions/agents.contract.ts'
import { findAgent } from '#server/agents/definitions/index.ts'
import { writeLog } from '#server/agents/runtime/index.ts'

/**
 * What the runtime of an agent is told when a call of its model failed, whatever the reason; that is in the agent's log.
 *
 * OpenClaw sends a call that ended with 429 or 5xx again, up to eight times in 70 s, though this server has tried
 * every provider and fallback itself; after 401, 402 or 403 it does not use its only key for a minute. A 400 it takes as
 * the last word, unless the text or the code names such a reason (OpenClaw 2026.9.6: tried, and as its `classify-core` says).
 */
class AgentModelFailed extends AppError {
  constructor(model: string, cause: AppError) {
    super('invalid_input', 'MODEL_FAILED', 'The model of this agent did not answer.', { model }, { cause })
  }
}

/** The agent that calls, with the key that was made for it; null for everybody else. */
export const callingAgent = ({ actor }: AccountContext): string | null => (actor.kind === 'key' ? actor.agentId : null)

/** Models to try when the one of the calling agent fails, as it is configured; none for everybody else, and for other models. */
export async function fallbacksOf(ctx: AccountContext, model: string): Promise<readonly string[]> {
  const agentId = callingAgent(ctx)
  const agent = agentId === null ? undefined : await findAgent(ctx, agentId)
  return agent?.model === model ? ((agent.config as AgentConfig).fallbacks ?? []) : []
}

/** The failure of a model call as its caller is told it. */
export async function failureFor(ctx: AccountContext, model: string, error: unknown): Promise<unknown> {
  const agentId = callingAgent(ctx)
  if (agentId === null || ctx.signal.aborted) return error
  const known = toAppError(error)
  if (known.kind === 'internal') ctx.log.error({ err: error, requestId: ctx.requestId }, 'a model call of an agent broke')
  await writeLog(ctx, agentId, 'agent', 'error', `A call of the model failed: ${known.message}`).catch((cause: unknown) =>
    ctx.log.warn({ err: cause, agentId, reason: known.message }, 'why a model call of an agent failed could not be written down'),
  )
  // What is wrong with the request itself, such as a conversation that is too long, the runtime can mend.
  return known.kind === 'invalid_input' || known instanceof ModelRefusedRequest ? known : new AgentModelFailed(model, known)
}
