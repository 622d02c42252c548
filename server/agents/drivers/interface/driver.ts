import type { AgentConfig } from '../../definitions/agents.contract.ts'
import type { PlanResources } from '#server/money/billing/index.ts'
import { AppError } from '#server/platform/core/index.ts'
import type { Credentials } from '#server/models/catalogue/index.ts'

/** Which agent is meant; enough to find it where it runs. */
export interface RuntimeRef {
  id: string
  accountId: string
}

/** What a driver has to know of an agent to run it. It has no secret that belongs to anybody else. */
export interface RuntimeAgent extends RuntimeRef {
  name: string
  model: string
  /** Without secrets. */
  config: AgentConfig
  /** Opens the gateway of this agent and of no other: 64 hex digits. */
  token: string
  /** API key of this agent for this server's `/v1`; null where the driver says `usesModelsOfServer: false`. */
  modelKey: string | null
  /** Keys of its own for model providers, by provider. */
  credentials: Credentials
  image: string
  resources: PlanResources
}

export type RuntimeState = 'running' | 'starting' | 'degraded' | 'stopped'

/** What a probe found. */
export interface RuntimeStatus {
  state: RuntimeState
  /** Why it is not `running`; null when there is nothing to say. */
  reason: string | null
  /** ISO 8601; null when it does not run, or lives in this server and has no start of its own. */
  startedAt: string | null
  image: string | null
  /** Of the program it runs; null when that does not say, or is this server. */
  version: string | null
}

/** A sample of what an agent uses now; null where it cannot be measured. */
export interface RuntimeStats {
  /** Percent of one CPU. */
  cpuPercent: number | null
  memoryBytes: number | null
  memoryLimitBytes: number | null
  pids: number | null
  /** Since its start. */
  networkInBytes: number | null
  networkOutBytes: number | null
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface RuntimeLogLine {
  /** ISO 8601 with milliseconds. */
  time: string
  level: LogLevel
  message: string
}

export interface ImageUpdate {
  image: string
  previousImage: string | null
  /** Archive that was made before, as an absolute path or as the place where agents run names it; null when there was nothing to save. */
  backupPath: string | null
}

/** What an agent knows, to be handed to its runtime. Paths are relative to its workspace. */
export interface Workspace {
  skills: { id: string; name: string; description: string; content: string | null }[]
  memories: { key: string; value: unknown }[]
  files: { path: string; content: string }[]
}

/** How much of it the runtime confirmed that it has. */
export interface SyncCounts {
  skills: number
  memories: number
  files: number
}

export type RuntimeEvent =
  | { type: 'delta'; text: string }
  /** What the model thinks, where it says so. */
  | { type: 'reasoning'; text: string }
  /** A piece of what the model is about to call a tool with: JSON, once the pieces of one `id` are together. */
  | { type: 'tool-input'; id: string; name: string; text: string }
  /** It took `ms`, where the runtime says so. */
  | { type: 'tool'; name: string; input: unknown; result: unknown; ms?: number }
  /** The last one: the whole answer, and the model that gave it; null for a runtime that does not know which it was. */
  | { type: 'finish'; text: string; model: string | null }

/** One message of a conversation, to be answered. */
export interface RuntimeTurn {
  sessionId: string
  message: string
  /** Answers with the server's own tool loop, for a runtime that lives in the server and has none of its own. */
  generateBuiltinReply(signal: AbortSignal): AsyncIterable<RuntimeEvent>
}

export type CheckHeld = () => Promise<void>

/** For who works on an agent that nobody else knows of. */
export const ALWAYS_HELD: CheckHeld = () => Promise.resolve()

/**
 * Where agents run. Every driver keeps these promises, and `tests/runtime/driver-suite.ts` holds it to
 * them. A driver knows no database: the service keeps states and rows, and tells it all it has to know.
 * Whatever names an agent that does not exist (any more) is harmless.
 */
export interface RuntimeDriver {
  readonly name: string
  /** Image of agents that ask for no other. */
  readonly defaultImage: string
  /** Version of the runtime in `defaultImage`; null when it is known only once an agent runs. */
  readonly version: string | null
  /** Whether its agents live in this server: they run whenever it does, so there is nothing to probe, and `stop` leaves nothing behind that could say so. */
  readonly inProcess: boolean
  /** Whether its agents end when this server ends, and have to be started again with it. */
  readonly endsWithServer?: boolean
  /** Whether its agents run on other machines than this server, so that the load of this one says nothing of them. */
  readonly runsElsewhere?: boolean
  /** Whether its agents call models through this server's `/v1`, each with an API key of its own. */
  readonly usesModelsOfServer: boolean
  /** Prepares an agent (folders, configuration, volume, container); again brings it up to what is said now. Does not start it. */
  create(agent: RuntimeAgent): Promise<void>
  /**
   * Prepares and starts an agent; resolves once it is healthy, at once when it runs.
   *
   * @param checkHeld Throws when another server works on the agent by now: to be asked before something is ended that
   * may be of that one.
   * @throws RuntimeFailed, after which it does not run; what `checkHeld` throws.
   */
  start(agent: RuntimeAgent, checkHeld?: CheckHeld): Promise<void>
  /** Ends what this server itself runs of an agent that another server has taken over, where each server runs its own. */
  letGo?(agent: RuntimeRef): Promise<void>
  /** Resolves once the agent has ended. Its data stay. */
  stop(agent: RuntimeRef): Promise<void>
  /** Where restarting is more (or less) than to stop and to start. @throws RuntimeFailed */
  restart?(agent: RuntimeAgent): Promise<void>
  /**
   * Saves the data of `agent` and moves it from the image it has to another; it runs afterwards. When
   * the new image does not become healthy, the old one is put back with the data as they were.
   *
   * @throws ImageUpdateFailed once the old image is back; what `checkHeld` throws.
   */
  updateImage(agent: RuntimeAgent, image: string, checkHeld?: CheckHeld): Promise<ImageUpdate>
  /** Builds the runtime anew from the stored configuration and starts it; memory and files stay. @throws RuntimeFailed; what `checkHeld` throws */
  repair(agent: RuntimeAgent, checkHeld?: CheckHeld): Promise<void>
  /** Makes the runtime forget its conversations and memory. The agent does not run while it is called. */
  resetMemory(agent: RuntimeRef): Promise<void>
  /** Stops an agent and removes everything it has, backups included. */
  remove(agent: RuntimeRef): Promise<void>
  /**
   * Where the gateway of an agent takes calls with its token, as this server reaches it; null while nothing answers
   * there. Missing where agents have no gateway.
   */
  address?(agent: RuntimeRef): Promise<string | null>
  /** Asks the runtime itself; an agent that cannot be reached is `degraded`. @throws RuntimeUnreachable when the place where agents run does not answer. */
  status(agent: RuntimeRef): Promise<RuntimeStatus>
  /** @throws RuntimeUnreachable */
  stats(agent: RuntimeRef): Promise<RuntimeStats>
  /** What the runtime wrote, oldest first: the last `limit` lines that are newer than `since` (ISO 8601). @throws RuntimeUnreachable */
  logs(agent: RuntimeRef, options: { since?: string; limit: number }): Promise<RuntimeLogLine[]>
  /** Hands over what the agent knows; what is no longer part of it goes away. @throws RuntimeFailed when it is refused. */
  sync(agent: RuntimeAgent, workspace: Workspace): Promise<SyncCounts>
  /**
   * Has the agent answer one message. Aborting the signal, or leaving the loop, ends the work.
   *
   * @throws RuntimeUnreachable when the agent does not answer; ModelFailed when its model fails; the signal's reason.
   */
  send(agent: RuntimeAgent, turn: RuntimeTurn, signal: AbortSignal): AsyncIterable<RuntimeEvent>
  /** Ends what a server that was killed has left running, where that does not go on by itself. Called once, before any agent is started. */
  endLeftOvers?(): Promise<void>
  /** Says at once that an agent ended by itself, where that can be known; the watchdog then need not find out. */
  onExit?(listener: (agent: RuntimeRef, reason: string) => void): void
  /** Whether the place where agents run answers. */
  isAvailable(): Promise<boolean>
  /** Called when the server stops. */
  close(): Promise<void>
}

/** The runtime could not do what was asked. The message says why and is safe to show. */
export class RuntimeFailed extends AppError {
  constructor(reason: string, options?: ErrorOptions) {
    super('internal', 'RUNTIME_FAILED', reason, {}, options)
  }
}

/** The agent, or the place where it runs, does not answer. */
export class RuntimeUnreachable extends AppError {
  constructor(reason: string, options?: ErrorOptions) {
    super('upstream', 'RUNTIME_UNREACHABLE', reason, {}, options)
  }
}

/** The new image did not become healthy; the agent is back on the old one. */
export class ImageUpdateFailed extends AppError {
  constructor(image: string, previousImage: string, reason: string, options?: ErrorOptions) {
    super(
      'internal',
      'IMAGE_UPDATE_FAILED',
      `"${image}" did not start: ${reason} "${previousImage}" is back.`,
      { image, previousImage },
      options,
    )
  }
}
