import { AppError } from '#server/platform/core/index.ts'

/** Agents belong to accounts, and nobody is signed in. */
export class AgentRequiresSignIn extends AppError {
  constructor(agentId: string) {
    super('not_found', 'AGENT_NOT_FOUND', `There is no agent "${agentId}" you can call. Sign in to call an agent of yours.`, { agentId })
  }
}
