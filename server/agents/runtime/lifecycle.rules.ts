import type { AgentRow } from '../definitions/index.ts'
import type { LifecycleResult } from '../definitions/agents.contract.ts'

/** What is said of an agent that was started: that it is active, or what it is called until it is well. */
export const sayStarted = (
  { status, runtime }: AgentRow,
  until: 'starting' | 'restarting' | 'updating',
): Pick<LifecycleResult, 'status' | 'message'> =>
  status === 'running' ? { status: 'active' } : { status: until, message: `It is up, but not well. ${runtime?.reason ?? ''}`.trim() }
