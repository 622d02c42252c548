import type Docker from 'dockerode'
import type { GetEventsOptions } from 'dockerode'
import { setTimeout as pause } from 'node:timers/promises'
import type { RuntimeRef } from '../interface/index.ts'
import { gatewayFilter, readLabels } from './container-options.ts'
import { sayWhyEnded } from './measure.ts'

/** An engine that went away is asked again after this long. */
const CONNECT_AGAIN_MS = 1000

type Listener = (agent: RuntimeRef, reason: string) => void

/**
 * Tells of every gateway that ends, by listening to the engine's events until the signal aborts. What ended while the
 * engine could not be heard is told once it can: that a gateway has ended may so be told more than once.
 */
export async function followExits(engine: Docker, tell: Listener, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // An engine that does not answer now may later; who needs it meanwhile is told so.
    await listen(engine, tell, signal).catch(() => undefined)
    await pause(CONNECT_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

async function listen(engine: Docker, tell: Listener, signal: AbortSignal): Promise<void> {
  const options: GetEventsOptions = { filters: { type: ['container'], event: ['die'], label: gatewayFilter }, abortSignal: signal }
  const events = await engine.getEvents(options)
  for (const { Id } of await engine.listContainers({ all: true, filters: { label: gatewayFilter, status: ['exited', 'dead'] } }))
    void tellOf(engine, Id, tell)
  for await (const line of linesOf(events.setEncoding('utf8') as AsyncIterable<string>)) {
    const { Actor } = JSON.parse(line) as { Actor?: { ID?: string } }
    if (Actor?.ID) void tellOf(engine, Actor.ID, tell)
  }
}

/** Not `readline`, which neither ends nor throws when a connection breaks off. */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let unfinished = ''
  for await (const piece of pieces) {
    const lines = (unfinished + piece).split('\n')
    unfinished = lines.pop()!
    yield* lines.filter(Boolean)
  }
}

/** Looks at the container itself, which says more than the event does; one that is gone was removed on purpose. */
async function tellOf(engine: Docker, containerId: string, tell: Listener): Promise<void> {
  const info = await engine
    .getContainer(containerId)
    .inspect()
    .catch(() => undefined)
  const agent = readLabels(info?.Config.Labels)
  if (info && agent && !info.State.Running) tell(agent, sayWhyEnded(info) ?? 'It ended by itself.')
}
