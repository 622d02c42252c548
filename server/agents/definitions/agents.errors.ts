import { AppError, Forbidden } from '#server/platform/core/index.ts'

export class AgentNotFound extends AppError {
  constructor(agentId: string) {
    super('not_found', 'AGENT_NOT_FOUND', `There is no agent "${agentId}".`, { agentId })
  }
}

export class AgentLimitReached extends AppError {
  constructor(plan: string, current: number, limit: number) {
    super('rate_limited', 'AGENT_LIMIT_REACHED', `The ${plan} plan allows ${limit} ${limit === 1 ? 'agent' : 'agents'}.`, {
      current,
      limit,
    })
  }
}

export class TooManyCredentials extends AppError {
  constructor(max: number) {
    super('conflict', 'TOO_MANY_CREDENTIALS', `key: expected one of the ${max} credentials the agent has; remove one to add another.`, {
      field: 'key',
      max,
    })
  }
}

export class ModelRestricted extends Forbidden {
  constructor(field: string, model: string, allowedModels: readonly string[]) {
    super('MODEL_RESTRICTED', `${field}: "${model}" is not part of the plan.`, { field, allowedModels })
  }
}

export class PlanNotPaid extends AppError {
  constructor(plan: string, paid: string) {
    super('payment_required', 'SUBSCRIPTION_MISMATCH', `plan: "${plan}" is above the plan of the account (${paid}).`, { field: 'plan' })
  }
}

/** The runtime could not bring the agent up; it is kept with status `error`. */
export class AgentStartFailed extends AppError {
  constructor(agentId: string, reason: string) {
    super('upstream', 'AGENT_START_FAILED', `The agent "${agentId}" could not be started: ${reason}`, { agentId })
  }
}

/** It was built anew, or started again, and is not well all the same; it stays `degraded`. */
export class NotRepaired extends AppError {
  constructor(agentId: string, reason: string) {
    super('upstream', 'AGENT_NOT_REPAIRED', `The agent "${agentId}" could not be repaired: ${reason}`, { agentId })
  }
}

/** The server stood still while it worked on the agent, and another one works on it now. What it was asked for may have been done. */
export class AgentTakenOver extends AppError {
  constructor(agentId: string) {
    super('unavailable', 'AGENT_TAKEN_OVER', `Another server has taken over the agent "${agentId}". Try again in a moment.`, {
      agentId,
      retryAfterSeconds: 5,
    })
  }
}

/** It runs inside the server, where there is no gateway that a token could open. */
export class NoGateway extends AppError {
  constructor(agentId: string) {
    super('not_found', 'NO_GATEWAY', `The agent "${agentId}" runs inside the server and has no gateway: no token would open anything.`, {
      agentId,
    })
  }
}

/** Only the last versions are kept. */
export class ConfigVersionNotFound extends AppError {
  constructor(agentId: string, version: number) {
    super('not_found', 'CONFIG_VERSION_NOT_FOUND', `The agent "${agentId}" has no version ${version} of its configuration.`, {
      agentId,
      version,
    })
  }
}

export class SkillNotFound extends AppError {
  constructor(skillId: string) {
    super('not_found', 'SKILL_NOT_FOUND', `The agent has no skill "${skillId}".`, { skillId })
  }
}

/** The agent was created but could not be started; it is kept with status `error`. The contract calls this a failure of the server. */
export class ProvisioningFailed extends AppError {
  constructor(agentId: string, cause: AgentStartFailed) {
    super('internal', 'AGENT_START_FAILED', cause.message, { agentId }, { cause })
  }
}
