import type { AccountContext } from '../core/context.ts'

/** What a driver has to know of an agent to run it. */
export interface RuntimeAgent {
  id: string
  model: string
}

/** Where agents run. Every driver keeps these promises; the service keeps the agent's status. */
export interface RuntimeDriver {
  name: string
  /** Version of what the agents run on. */
  version(ctx: AccountContext): string
  /** Resolves once the agent passed its health check. @throws AppError saying why it cannot run. */
  start(ctx: AccountContext, agent: RuntimeAgent): Promise<void>
  /** Resolves once the agent has ended; a turn that runs is cut off. Harmless when it does not run. */
  stop(ctx: AccountContext, agent: RuntimeAgent): Promise<void>
  /** Whether the place where agents run answers. */
  isAvailable(): Promise<boolean>
}
