import { AppError } from '#server/platform/core/index.ts'

export class AgentNotRunning extends AppError {
  constructor(agentId: string, status: string) {
    super('not_found', 'AGENT_NOT_RUNNING', `The agent "${agentId}" does not run (${status}). Start it first.`, { agentId, status })
  }
}

export class MessageNotFound extends AppError {
  constructor(messageId: string) {
    super('not_found', 'MESSAGE_NOT_FOUND', `There is no message "${messageId}".`, { messageId })
  }
}

export class MessageNotRetryable extends AppError {
  constructor(messageId: string, state: string) {
    super('conflict', 'MESSAGE_NOT_RETRYABLE', `The message "${messageId}" cannot be retried: it is ${state}.`, { messageId, state })
  }
}

/** A server that does not work on it any more may still be answering the message; its turn is given up when its lease runs out. */
export class AnswerUnderWay extends AppError {
  constructor(messageId: string) {
    super('unavailable', 'ANSWER_UNDER_WAY', `The message "${messageId}" is still being answered.`, { messageId })
  }
}

/** The model of the agent belongs to a provider that is no longer set up. */
export class ModelNotSetUp extends AppError {
  constructor(reason: string) {
    super('unavailable', 'MODEL_NOT_CONFIGURED', reason)
  }
}

/** The turn was cut off: the caller went away, or the agent was stopped. What was produced is stored. */
export class TurnAborted extends AppError {
  constructor(messageId: string) {
    super('upstream', 'TURN_ABORTED', 'The answer was cut off. What there was of it is stored; the message can be retried.', { messageId })
  }
}
