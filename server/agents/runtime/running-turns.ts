/**
 * The turns this process is working on, by agent: to cut one off when its agent stops, and to share
 * the CPU time that is used among the turns that were running.
 */
interface RunningTurn {
  controller: AbortController
  cpuMs: number
  /** False while it waits for the agent: stopping the agent then does not cut it off, for the agent may come back. */
  isSpeaking: boolean
  ended: Promise<void>
}

const turnsByAgent = new Map<string, Set<RunningTurn>>()
const running = new Set<RunningTurn>()
let lastCpu = process.cpuUsage()

/** Gives each running turn its share of the CPU time used since the last time somebody looked. */
function shareCpuTime(): void {
  const { user, system } = process.cpuUsage(lastCpu)
  lastCpu = process.cpuUsage()
  const share = (user + system) / 1000 / running.size
  for (const turn of running) turn.cpuMs += share
}

/**
 * Runs one turn. Its signal aborts with `signal`, or when the agent is stopped after `begin()` was called.
 *
 * `cpuMs()` is the CPU time of this process while the turn ran, shared evenly with the turns that ran
 * at the same moment: one process cannot tell them further apart.
 */
export async function runTurn<T>(
  agentId: string,
  signal: AbortSignal,
  work: (signal: AbortSignal, cpuMs: () => number, begin: () => void) => Promise<T>,
): Promise<T> {
  const { promise: ended, resolve: markEnded } = Promise.withResolvers<void>()
  const turn: RunningTurn = { controller: new AbortController(), cpuMs: 0, isSpeaking: false, ended }
  shareCpuTime()
  running.add(turn)
  const ofAgent = turnsByAgent.get(agentId) ?? new Set()
  turnsByAgent.set(agentId, ofAgent.add(turn))
  const cpuMs = (): number => {
    shareCpuTime()
    return turn.cpuMs
  }
  const begin = () => (turn.isSpeaking = true)
  try {
    return await work(AbortSignal.any([signal, turn.controller.signal]), cpuMs, begin)
  } finally {
    shareCpuTime()
    running.delete(turn)
    ofAgent.delete(turn)
    if (ofAgent.size === 0) turnsByAgent.delete(agentId)
    markEnded()
  }
}

/** Cuts off what an agent is saying and waits until it is written down. Those who wait for the agent go on waiting. */
export const interruptAgent = (agentId: string): Promise<void> =>
  abort(
    [...(turnsByAgent.get(agentId) ?? [])].filter(({ isSpeaking }) => isSpeaking),
    new Error('The agent was stopped.'),
  )

/** Ends all turns of an agent, also those that wait for it, and waits until they have ended. */
export const abortTurnsOf = (agentId: string, reason: Error): Promise<void> => abort([...(turnsByAgent.get(agentId) ?? [])], reason)

async function abort(turns: RunningTurn[], reason: Error): Promise<void> {
  for (const { controller } of turns) controller.abort(reason)
  await Promise.all(turns.map(({ ended }) => ended))
}
