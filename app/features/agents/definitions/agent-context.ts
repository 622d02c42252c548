import { createContext, useContext } from 'react'
import type { AgentDetail } from '../../../../server/agents/definitions/agents.contract.ts'

/** The agent whose page is open. */
export const AgentContext = createContext<AgentDetail | null>(null)

export function useOpenAgent(): AgentDetail {
  const agent = useContext(AgentContext)
  if (!agent) throw new Error('This part belongs on the page of an agent.')
  return agent
}
