import { eventWriter } from '../app/http/sse.server.ts'
import { writeRequest, type WrittenRequest } from '../server/platform/operations/rest-request.ts'
import { isByAction, type RestBinding, type RestEntry } from '../server/platform/operations/rest.ts'

/** One call of a path and method, with the answer it gets. */
export interface RestExample {
  /** Tells it from the other calls of the same path and method. */
  name: string
  request: WrittenRequest
  status: number
  /** Of an answer in JSON. */
  body?: unknown
  /** Of a stream: all of it, as it goes over the wire. */
  events?: string
}

/** The examples of the operations behind a path and method, as REST calls. */
export function restExamples(method: string, path: string, entry: RestEntry): RestExample[] {
  if (isByAction(entry))
    return Object.entries(entry.actions).map(([action, binding]) => ({
      ...answered(method, path, binding, action),
      name: action || 'index',
    }))
  return [answered(method, path, entry), ...(entry.stream ? [streamed(method, path, entry)] : [])]
}

function answered(method: string, path: string, binding: RestBinding, action?: string): RestExample {
  const { operation, status = 200 } = binding
  const { params, query, body } = writeRequest(method, path, binding, operation.example.input as object, action)
  const output = operation.output.parse(operation.example.output)
  if (binding.redirect) return { name: 'json', request: { params, query, body }, status: 303 }
  return {
    name: 'json',
    request: { params, query, body },
    status: binding.statusOf?.(output) ?? status,
    body: binding.body ? binding.body(output, { params, query: query as Record<string, string>, body, header: () => null }) : output,
  }
}

function streamed(method: string, path: string, binding: RestBinding): RestExample {
  const { example, output } = binding.stream!
  const writer = eventWriter(binding.streamFormat)
  const events = (example.output as unknown[]).map((event) => writer.event(output.parse(event)) ?? '')
  return {
    name: 'stream',
    request: writeRequest(method, path, binding, example.input as object),
    status: binding.status ?? 200,
    events: events.join('') + (writer.end ?? ''),
  }
}
