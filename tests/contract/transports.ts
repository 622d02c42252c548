import type { Operation } from '../../server/platform/operations/operation.ts'
import { operations } from '../../server/operations.ts'
import type { Caller, TestServer } from '../helpers/test-server.ts'
import { callGraphql } from './graphql-transport.ts'
import { callRest, restCallsOf } from './rest-transport.ts'
import { callTrpc } from './trpc-transport.ts'

/** What came of a call, whichever transport it went through. */
export interface Outcome {
  /** As in the table of failures; 200 for every success. */
  status: number
  /** Of a failure. */
  code?: string
  message?: string
  details?: Record<string, unknown>
  /** The whole answer as it was sent. */
  text: string
  headers: Headers
}

/** One way to call an operation. */
export interface Transport {
  name: string
  /** It answers with where to go, and the page there says what was wrong. */
  isLink?: true
  call(server: TestServer, input: Record<string, unknown>, caller: Caller & { headers?: Record<string, string> }): Promise<Outcome>
}

export const allOperations: Operation[] = Object.values(operations).flatMap((table): Operation[] => Object.values(table))

/** Every transport an operation has; several over REST when more than one path serves it. */
export async function transportsOf(operation: Operation): Promise<Transport[]> {
  const rest = (await restCallsOf(operation)).map((restCall) => ({
    name: `REST ${restCall.method} ${restCall.path}${restCall.action ? ` (${restCall.action})` : ''}`,
    ...(restCall.binding.redirect ? { isLink: true as const } : {}),
    call: (server: TestServer, input: Record<string, unknown>, caller: Caller) => callRest(server, restCall, input, caller),
  }))
  return [
    ...rest,
    { name: 'tRPC', call: (server, input, caller) => callTrpc(server, operation, input, caller) },
    { name: 'GraphQL', call: (server, input, caller) => callGraphql(server, operation, input, caller) },
  ]
}

/** Every operation with each of its transports, for tables of tests. */
export async function everyTransport(): Promise<{ operation: Operation; name: string; transport: Transport }[]> {
  const all = await Promise.all(allOperations.map(async (operation) => ({ operation, transports: await transportsOf(operation) })))
  return all.flatMap(({ operation, transports }) =>
    transports.map((transport) => ({ operation, name: `${operation.name} through ${transport.name}`, transport })),
  )
}
