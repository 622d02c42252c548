import Docker from 'dockerode'
import { RuntimeFailed, RuntimeUnreachable, cutAbsolutePaths } from '../interface/index.ts'

/** Longest the engine may be silent while it works on a call. */
const SILENCE_MS = 120_000

/** A client of the engine at `DOCKER_HOST`: `unix:///path`, or `tcp://host:port`. It connects with each call. */
export function connectEngine(dockerHost: string): Docker {
  const { protocol, hostname, port, pathname } = new URL(dockerHost)
  if (protocol === 'unix:') return new Docker({ socketPath: pathname, timeout: SILENCE_MS })
  return new Docker({ protocol: 'http', host: hostname, port: Number(port || 2375), timeout: SILENCE_MS })
}

interface EngineError extends Error {
  /** HTTP status of the engine's answer; missing when there was none. */
  statusCode?: number
  json?: { message?: string }
}

/** @throws RuntimeUnreachable when the engine does not answer, RuntimeFailed with its reason when it refuses. */
export async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw toFailure(error as EngineError)
  }
}

/** Does a call, where an answer with one of the statuses means that there is nothing (any more) to do. */
export async function askUnless<T>(statuses: number[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (statuses.includes((error as EngineError).statusCode ?? 0)) return undefined
    throw toFailure(error as EngineError)
  }
}

function toFailure(error: EngineError): Error {
  if (error.statusCode === undefined) return new RuntimeUnreachable('The Docker engine does not answer.', { cause: error })
  return new RuntimeFailed(`The Docker engine refused: ${cutAbsolutePaths(error.json?.message ?? error.message)}`, { cause: error })
}
