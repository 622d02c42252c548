import { createTRPCClient, httpBatchStreamLink, TRPCClientError } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { expectTypeOf, test } from 'vitest'
import type { AppRouter as ServerRouter } from '../../app/trpc/router.ts'
import type { Agent, AppRouter, ChatEvent, ChatReply } from '../../sdk/src/trpc.ts'

// These are checked by the compiler, as part of `npm run check`; none of the calls is made.
const client = createTRPCClient<AppRouter>({ links: [httpBatchStreamLink({ url: 'http://localhost/trpc' })] })
const neverCalled = (_call: () => unknown) => undefined

test('the published router has the inputs and outputs of the server', () => {
  expectTypeOf<inferRouterInputs<AppRouter>>().toEqualTypeOf<inferRouterInputs<ServerRouter>>()
  expectTypeOf<inferRouterOutputs<AppRouter>>().toEqualTypeOf<inferRouterOutputs<ServerRouter>>()
})

test('a client infers outputs', () => {
  expectTypeOf(client.agents.list.query).returns.resolves.toEqualTypeOf<Agent[]>()
  expectTypeOf(client.chat.send.mutate).returns.resolves.toEqualTypeOf<ChatReply>()
  neverCalled(() =>
    client.chat.stream.subscribe(
      { message: 'Hi' },
      {
        onData(event) {
          expectTypeOf(event.id).toBeString()
          expectTypeOf(event.data.type).toEqualTypeOf<ChatEvent['type']>()
          if (event.data.type === 'delta') expectTypeOf(event.data.text).toBeString()
        },
      },
    ),
  )
  expectTypeOf<Awaited<ReturnType<typeof client.memory.get.query>>['memory'][string]>().toBeUnknown()
})

test('a client refuses wrong inputs and unknown procedures', () => {
  neverCalled(() => client.chat.send.mutate({ message: 'Hi' }))
  neverCalled(() => client.agents.list.query())
  // @ts-expect-error a message is needed
  neverCalled(() => client.chat.send.mutate({}))
  // @ts-expect-error a number is no message
  neverCalled(() => client.chat.send.mutate({ message: 1 }))
  // @ts-expect-error chat.send changes something
  neverCalled(() => client.chat.send.query({ message: 'Hi' }))
  // @ts-expect-error there is no such procedure
  neverCalled(() => client.agents.explode.mutate())
})

test('errors tell the code, the details and the request', () => {
  const error = new TRPCClientError<AppRouter>('')
  expectTypeOf<NonNullable<typeof error.data>['appCode']>().toBeString()
  expectTypeOf<NonNullable<typeof error.data>['details']>().toEqualTypeOf<Record<string, unknown>>()
  expectTypeOf<NonNullable<typeof error.data>['requestId']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<NonNullable<typeof error.data>['httpStatus']>().toBeNumber()
})
