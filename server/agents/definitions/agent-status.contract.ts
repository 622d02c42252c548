import type { AgentStatus } from './agents.contract.ts'

// What the status of an agent means. `active` is an older word for `running`, which no row has any more.

/** It answers messages. */
export const upStatuses: readonly AgentStatus[] = ['running', 'degraded']
/** Somebody is about to have it answer. */
export const comingStatuses: readonly AgentStatus[] = ['provisioning', 'starting', 'repairing']
/** It should answer and cannot. */
export const failedStatuses: readonly AgentStatus[] = ['error', 'crash_loop']
/** It is to answer: now, or in a moment. */
export const wantedStatuses: readonly AgentStatus[] = [...upStatuses, ...comingStatuses]

const isOneOf =
  (statuses: readonly string[]) =>
  (status: string): boolean =>
    statuses.includes(status)

/** Whether an agent in this state answers messages. */
export const isUp = isOneOf(upStatuses)
/** Whether nothing is wrong with an agent in this state. */
export const isWell = (status: string): boolean => status !== 'degraded' && !isFailed(status)
/** Whether an agent in this state is being brought up: that changes by itself. */
export const isComing = isOneOf(comingStatuses)
/** Whether an agent in this state answers messages, or will in a moment. */
export const isUpSoon = isOneOf(wantedStatuses)
/** Whether an agent in this state should answer and cannot. */
export const isFailed = isOneOf(failedStatuses)
